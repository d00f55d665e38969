import { isFloat, isInteger, type ElementType } from '../batch/element.js';
import type { ResultField } from '../batch/result.js';
import { ModelError } from '../errors/errors.js';
import { planDecision, type Decision } from './decision.js';
import { readClasses, type ClassifierView } from './classes.js';
import { quoted } from './read-file.js';
import type { OutputSpec, Signature } from './signature.js';

/** How predictions are asked for. */
export interface OutputOptions {
  /** Put before every column's name. */
  readonly prefix?: string;
  /** Who decides the class: the model's own label, the largest probability, or a threshold. Default: `threshold` where one is given, else `model`. */
  readonly label?: 'model' | 'argmax' | 'threshold';
  /** On the positive class's probability; 0.5 unless given. */
  readonly threshold?: number;
  /** Default: the second of two classes. */
  readonly positiveClass?: string;
  /** The contract's class names, in the model's order. */
  readonly classes?: readonly string[];
  /** For messages. */
  readonly contractPath?: string;
  /** Columns by output, as a first block showed them; needed for the outputs that unknownWidths names. */
  readonly widths?: Readonly<Record<string, number>>;
}

/** What becomes of the model's outputs. Plain data: part of the plan. */
export interface OutputPlan {
  /** The columns that the outputs give, in output order. */
  readonly fields: readonly ResultField[];
  /** By output of the signature. */
  readonly outputs: readonly PlannedOutput[];
  /** How `prediction` is decided, where a classifier gives it. */
  readonly decision: Decision | undefined;
  /** Names of the classes, in the matrix's order; undefined where there is no classifier or nothing names them. */
  readonly classes: readonly string[] | undefined;
}

export interface PlannedOutput {
  readonly name: string;
  readonly type: ElementType;
  /** Values a row; the model has to keep to it. */
  readonly width: number;
  /** Index of the field for each of its columns; empty where only the decision looks at it. */
  readonly fields: readonly number[];
}

/** Outputs whose number of columns neither the graph nor the declaration gives: observe it on real rows before planning. */
export function unknownWidths(signature: Signature): readonly string[] {
  return signature.outputs.filter((output) => declaredWidth(output) === undefined).map(({ name }) => name);
}

/**
 * Plans the columns: `prediction` and `probability_<class>` for a classifier, `prediction` for one numeric value a row, and for anything else the output's
 * own name (with `_<class>` or `_0`, `_1`, ... for a matrix). Raw scores of a classifier are no probabilities and keep their name. Throws
 * UsageError, ContractError (classes that do not fit), ModelError `output-width-unknown` and `duplicate-result`.
 */
export function planOutputs(signature: Signature, options: OutputOptions = {}): OutputPlan {
  const widths = signature.outputs.map((output) => widthOf(output, options));
  const view = readClasses(signature.outputs, widths, options);
  const decision = planDecision(signature.outputs, view, options);
  const fields: ResultField[] = [];
  const prefix = options.prefix ?? '';
  const add = (name: string, type: ElementType): number => fields.push({ name: prefix + name, type }) - 1;
  if (decision !== undefined) add('prediction', decision.type);
  const order = signature.outputs.map((_, index) => index);
  order.sort((a, b) => Number(b === view.matrix) - Number(a === view.matrix) || a - b); // probabilities stand next to the prediction
  const planned = new Map<number, readonly number[]>();
  for (const index of order) {
    const output = signature.outputs[index];
    if (output === undefined || index === view.label) continue;
    planned.set(index, columnNames(output, index, widths[index] ?? 1, view, signature.outputs.length).map((name) => add(name, output.type))); // prettier-ignore
  }
  refuseDuplicates(fields);
  const outputs = signature.outputs.map(({ name, type }, index): PlannedOutput => ({
    name,
    type,
    width: widths[index] ?? 1,
    fields: planned.get(index) ?? [],
  }));
  return { fields, outputs, decision, classes: view.names };
}

function declaredWidth({ role, shape }: OutputSpec): number | undefined {
  if (role === 'label' || shape?.length === 1) return 1;
  const width = shape?.[1];
  return typeof width === 'number' ? width : undefined;
}

function widthOf(output: OutputSpec, { widths = {} }: OutputOptions): number {
  const width = new Map(Object.entries(widths)).get(output.name) ?? declaredWidth(output);
  if (width !== undefined) return width;
  throw new ModelError(
    'output-width-unknown',
    `output ${quoted(output.name)} does not say how many columns it has, and no row was there to show it`,
    {
      fix: 'Export the model with the shapes of its outputs.',
      details: { output: output.name },
    },
  );
}

function columnNames(output: OutputSpec, index: number, width: number, view: ClassifierView, count: number): string[] {
  const name = output.name === '' ? `output_${index}` : output.name;
  if (index === view.matrix) return Array.from({ length: width }, (_, column) => `probability_${view.names?.[column] ?? column}`); // prettier-ignore
  if (count === 1 && width === 1 && output.role === 'value' && (isFloat(output.type) || isInteger(output.type))) return ['prediction'];
  if (width === 1) return [name];
  const classes = output.classes?.length === width ? view.called(output.classes) : undefined;
  return Array.from({ length: width }, (_, column) => `${name}_${classes?.[column] ?? column}`); // prettier-ignore
}

function refuseDuplicates(fields: readonly ResultField[]): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (seen.has(name)) {
      throw new ModelError('duplicate-result', `two columns of the output would be called ${quoted(name)}`, {
        fix: 'Give the outputs or classes names of their own: classes in the contract, outputs when exporting.',
        details: { name },
      });
    }
    seen.add(name);
  }
}
