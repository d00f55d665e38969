import { isFloat } from '../batch/element.js';
import { ContractError } from '../errors/errors.js';
import type { OutputOptions } from './outputs.js';
import { quoted } from './read-file.js';
import type { OutputSpec } from './signature.js';

/** The classifier among a model's outputs: at most one label and one matrix of probabilities. */
export interface ClassifierView {
  /** Index of the label's output. */
  readonly label: number | undefined;
  /** Index of the probabilities' output. */
  readonly matrix: number | undefined;
  /** The classes as the model labels them, in the matrix's order. */
  readonly labels: readonly string[] | undefined;
  /** What they are called: by the contract, else as labelled. */
  readonly names: readonly string[] | undefined;
  /** Does the contract call them otherwise than the model? */
  readonly renamed: boolean;
  /** A list of labels by the names that the contract gives. */
  readonly called: (labels: readonly string[]) => readonly string[];
  /** More than one label or matrix: then each output keeps its own name. */
  readonly several: boolean;
}

/**
 * Finds the classifier and names its classes. Where the graph shows no classifier, a contract that names classes says which output is one: the only
 * float matrix of as many columns, or the only vector of whole numbers (the classes' places). Throws ContractError `class-count`, `duplicate-class`, `classes-ambiguous`, `class-contradiction`.
 */
export function readClasses(outputs: readonly OutputSpec[], widths: readonly number[], options: OutputOptions): ClassifierView {
  const own = {
    labels: indexes(outputs, 'label'),
    matrices: indexes(outputs, 'probabilities').filter((index) => fits(outputs[index], widths[index])),
  };
  const shown =
    own.labels.length + own.matrices.length > 0 || options.classes === undefined ? own : byContract(outputs, widths, options.classes.length);
  const several = shown.labels.length > 1 || shown.matrices.length > 1;
  if (several && options.classes !== undefined) {
    throw contractError(
      options,
      'classes-ambiguous',
      `names classes, and the model has several classifiers: outputs ${[...shown.labels, ...shown.matrices].map((index) => quoted(outputs[index]?.name ?? '')).join(', ')}`,
      'Take classes out of the contract: each output keeps its own names then.',
    );
  }
  const label = several ? undefined : shown.labels[0];
  const matrix = several ? undefined : shown.matrices[0];
  const labels = matrix === undefined ? outputs[label ?? -1]?.classes : outputs[matrix]?.classes;
  const count = labels?.length ?? (matrix === undefined ? undefined : widths[matrix]);
  if (options.classes !== undefined) {
    checkNames(options, label === undefined && matrix === undefined ? 0 : count);
    checkLabels(options, options.classes, labels ?? []);
  }
  const names = options.classes ?? labels;
  const named = new Map((labels ?? []).map((text, index) => [text, names?.[index] ?? text]));
  return {
    label,
    matrix,
    labels,
    names,
    renamed: options.classes?.some((name, index) => name !== labels?.[index]) ?? false,
    called: (list) => list.map((text) => named.get(text) ?? text),
    several,
  };
}

function indexes(outputs: readonly OutputSpec[], role: OutputSpec['role']): number[] {
  return outputs.flatMap((output, index) => (output.role === role ? [index] : []));
}

/** One column of probabilities for two classes does not say for which of them: that output keeps its own name. */
function fits(output: OutputSpec | undefined, width: number | undefined): boolean {
  return output?.classes === undefined || output.classes.length === width;
}

function byContract(outputs: readonly OutputSpec[], widths: readonly number[], count: number): { labels: number[]; matrices: number[] } {
  const matrices = outputs.flatMap(({ type }, index) => (isFloat(type) && widths[index] === count && count > 1 ? [index] : []));
  const labels = outputs.flatMap(({ type }, index) => ((type === 'int64' || type === 'int32') && widths[index] === 1 ? [index] : []));
  return { labels: labels.length === 1 ? labels : [], matrices };
}

function checkNames(options: OutputOptions, count: number | undefined): void {
  const classes = options.classes ?? [];
  if (count !== undefined && classes.length !== count) {
    const found = count === 0 ? 'no output that could be a classifier of so many' : `${count} in the model`;
    throw contractError(options, 'class-count', `names ${classes.length} classes, found ${found}`);
  }
  const twice = classes.find((name, index) => classes.indexOf(name) !== index);
  if (twice !== undefined) throw contractError(options, 'duplicate-class', `names class ${quoted(twice)} twice`);
}

/** Numbers may be given names; a label that has one already must be called by it: another list, or another order, would give each score to the wrong class. */
function checkLabels(options: OutputOptions, classes: readonly string[], labels: readonly string[]): void {
  if (labels.every((label) => /^-?\d+$/.test(label)) && !classes.some((name, index) => labels.indexOf(name) !== index && labels.includes(name)))
    return;
  const at = labels.findIndex((label, index) => label !== classes[index]);
  if (at < 0) return;
  throw contractError(
    options,
    'class-contradiction',
    `calls class ${at + 1} ${quoted(classes[at] ?? '')}, the model itself calls it ${quoted(labels[at] ?? '')}`,
  );
}

const CORRECT_CLASSES = "Correct the contract's classes: one name a class, in the model's order.";

function contractError(options: OutputOptions, code: string, message: string, fix = CORRECT_CLASSES): ContractError {
  return new ContractError(code, `contract ${quoted(options.contractPath ?? '')} ${message}`, {
    ...(options.contractPath === undefined ? {} : { place: { file: options.contractPath } }),
    fix,
  });
}
