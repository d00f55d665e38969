import { isInteger, type ElementType } from '../batch/element.js';
import { UsageError } from '../errors/errors.js';
import type { ClassifierView } from './classes.js';
import type { OutputOptions } from './outputs.js';
import { quoted } from './read-file.js';
import type { OutputSpec } from './signature.js';
import { didYouMean, nearMisses } from '../errors/nearest.js';

/** How the class of a row is decided. Plain data. */
export interface Decision {
  readonly by: 'model' | 'argmax' | 'threshold';
  /** Type of the `prediction` column. */
  readonly type: ElementType;
  /** Index of the label's output, where there is one: it decides, or is compared with the probabilities. */
  readonly label: number | undefined;
  /** Index of the probabilities' output. */
  readonly matrix: number | undefined;
  /** The classes as the model labels them; undefined where labels are places in the matrix. */
  readonly labels: readonly string[] | undefined;
  /** What is written for each class; undefined: the model's label as it is. */
  readonly names: readonly string[] | undefined;
  readonly threshold: number;
  /** Index of the class that the threshold is for. */
  readonly positive: number;
}

/** Plans `prediction`; undefined where no class is decided. Throws UsageError `no-probabilities`, `two-classes`, `unknown-class`, `threshold-range`. */
export function planDecision(outputs: readonly OutputSpec[], view: ClassifierView, options: OutputOptions): Decision | undefined {
  const { label, matrix, labels, names } = view;
  const by = options.label ?? (options.threshold === undefined ? 'model' : 'threshold');
  if (by !== 'model' && matrix === undefined) {
    const found = view.several ? 'several classifiers, each with outputs of its own' : 'no output of probabilities for each class';
    throw new UsageError('no-probabilities', `--label ${by} needs the probabilities of one classifier, found ${found}`, {
      fix: 'Leave --label and --threshold out, or export the model with its probabilities.',
    });
  }
  if (by === 'model' && label === undefined) return undefined;
  const type = outputs[label ?? -1]?.type;
  const written = view.renamed ? 'string' : (type ?? (names === undefined ? 'int64' : 'string'));
  const positive = by === 'threshold' ? positiveClass(names, options) : 1;
  const asIs = by === 'model' && !view.renamed;
  const texts = asIs ? undefined : (names ?? []);
  return { by, type: fitting(written, texts), label, matrix, labels, names: texts, threshold: options.threshold ?? 0.5, positive };
}

/** Whole-numbered labels stay numbers, unless a class is no number. */
function fitting(type: ElementType, names: readonly string[] | undefined): ElementType {
  return names !== undefined && isInteger(type) && !names.every((name) => /^-?\d+$/.test(name)) ? 'string' : type;
}

function positiveClass(names: readonly string[] | undefined, { threshold = 0.5, positiveClass: wanted }: OutputOptions): number {
  if (!(threshold >= 0 && threshold <= 1))
    throw new UsageError('threshold-range', `found threshold ${threshold}, expected a probability from 0 to 1`, {
      fix: 'Correct the threshold, on the command line or in the contract.',
    });
  if (names?.length !== 2)
    throw new UsageError('two-classes', `a threshold decides between two classes, found ${names?.length ?? 'classes without names'}`, {
      fix: 'Use --label argmax or --label model.',
    });
  if (wanted === undefined) return 1;
  const found = names.indexOf(wanted);
  if (found >= 0) return found;
  throw new UsageError(
    'unknown-class',
    `--positive-class names ${quoted(wanted)}, which is no class of the model${didYouMean(nearMisses(wanted, names))}`,
    { fix: `The classes: ${names.map(quoted).join(', ')}.` },
  );
}
