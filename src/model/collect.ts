import { allocate } from '../batch/element.js';
import type { ResultColumn } from '../batch/result.js';
import { DefectError, ModelError } from '../errors/errors.js';
import type { Block, BlockSink } from './blocks.js';
import { copyColumn } from './copy-column.js';
import { openDecider } from './decide.js';
import type { OutputPlan, PlannedOutput } from './outputs.js';
import { quoted } from './read-file.js';
import type { TensorData } from './session.js';
import type { Signature } from './signature.js';

/** Counts over all rows that were scored since the collector was opened. */
export interface CollectorCounts {
  /** Rows whose label is not the class of the largest probability. */
  readonly labelContradictions: number;
}

/** Turns the tensors of blocks into result columns, batch by batch. One per worker. */
export interface Collector extends BlockSink {
  /** Begins a batch of so many tensor rows. */
  start(rows: number): void;
  /** The batch's columns, by tensor row; a row that the runtime failed on holds nothing of meaning. Valid until the next start. */
  finish(): readonly ResultColumn[];
  /** Tensor rows of the batch for which no class could be decided, with the reason. */
  undecided(): ReadonlyMap<number, string>;
  counts(): CollectorCounts;
}

/**
 * Opens a collector for a plan. `put` throws ModelError `rows-changed` where an output has another number of rows than the block, `output-shape` where its
 * width is not the planned one, `unknown-label` for a label that is none of the classes.
 */
export function openCollector(plan: OutputPlan): Collector {
  const decide = plan.decision === undefined ? undefined : openDecider(plan.decision);
  const held = plan.fields.map(({ type }) => allocate(type, 0));
  let columns: readonly ResultColumn[] = [];
  let undecided = new Map<number, string>();
  return {
    start(rows) {
      undecided = new Map();
      columns = plan.fields.map((field, index) => {
        let values = held[index] ?? [];
        if (values.length < rows || Array.isArray(values)) held[index] = values = allocate(field.type, rows);
        return { field, values: Array.isArray(values) ? values : values.subarray(0, rows) };
      });
    },
    put(outputs, block) {
      plan.outputs.forEach((planned, index) => {
        const tensor = outputs[index];
        if (tensor === undefined) throw new DefectError(`the session gave no output ${index}`);
        checkShape(planned, tensor, block);
        planned.fields.forEach((field, column) => {
          const values = columns[field]?.values;
          if (values !== undefined) copyColumn(tensor.values, planned.width, column, block, values);
        });
      });
      const prediction = columns[0]?.values;
      if (prediction !== undefined) decide?.put(outputs, block, prediction, undecided);
    },
    finish: () => columns,
    undecided: () => undecided,
    counts: () => ({ labelContradictions: decide?.contradictions() ?? 0 }),
  };
}

const CONTRADICTS = 'The model contradicts its own declaration: export it again.';

function checkShape({ name, width }: PlannedOutput, { dims }: TensorData, { size }: Block): void {
  checkRows(name, dims, size);
  const found = dims[1] ?? 1;
  if (dims.length <= 2 && found === width) return;
  throw new ModelError(
    'output-shape',
    `output ${quoted(name)} gave shape [${dims.join(', ')}], expected ${width === 1 ? 'one value' : `${width} values`} a row`,
    {
      fix: CONTRADICTS,
      details: { output: name, dims },
    },
  );
}

function checkRows(name: string, dims: readonly number[], size: number): void {
  if (dims[0] === size) return;
  throw new ModelError(
    'rows-changed',
    `output ${quoted(name)} gave ${dims.length === 0 ? 'a single value' : `${dims[0]} row${dims[0] === 1 ? '' : 's'}`} for ${size} rows`,
    {
      fix: 'A model that scores rows gives one result a row: export it without operators that merge, filter or repeat rows.',
      details: { output: name, found: dims[0] ?? null, expected: size },
    },
  );
}

/** Looks at the outputs' widths, for planOutputs: score the first rows into it. Throws ModelError `rows-changed` and `output-shape` as a collector does. */
export function observeWidths(signature: Signature): BlockSink & { widths(): Record<string, number> } {
  const widths = new Map<string, number>();
  return {
    put(outputs, { size }) {
      signature.outputs.forEach(({ name }, index) => {
        const dims = outputs[index]?.dims ?? [];
        checkRows(name, dims, size);
        if (dims.length > 2)
          throw new ModelError('output-shape', `output ${quoted(name)} gave shape [${dims.join(', ')}], expected one list of values a row`, {
            fix: CONTRADICTS,
          });
        widths.set(name, dims[1] ?? 1);
      });
    },
    widths: () => Object.fromEntries(widths),
  };
}
