import { Batch } from '../batch/batch.js';
import { float16Value } from '../batch/float16.js';
import type { ResultColumn } from '../batch/result.js';
import { openFieldStore, openNulls } from '../batch/store.js';
import { textWriter } from '../batch/text.js';
import type { GoldenRow } from '../contract/contract.js';
import { ContractError, ModelError } from '../errors/errors.js';
import type { Scorer } from '../model/blocks.js';
import { openCollector } from '../model/collect.js';
import type { WorkerSetup } from './protocol.js';

/** Golden scores agree within this, relative to the value; to 1 for a probability, whose rounding is that of the sum of all. */
export const GOLDEN_TOLERANCE = 1e-6;

/** What of a worker's setup golden rows are scored and compared by. */
type GoldenSetup = Pick<WorkerSetup, 'golden' | 'layout' | 'goldenOutputs' | 'modelPath' | 'contractPath'>;

/**
 * Scores the contract's golden rows with this session, binding and block size, and compares: a model, runtime or machine that scores
 * otherwise than when the contract was made is found before row one.
 *
 * @throws ModelError `golden-mismatch` (69), ContractError `golden-invalid` (78) for rows that the model cannot take.
 */
export async function proveGoldenRows(setup: GoldenSetup, scorer: Scorer): Promise<void> {
  const batch = new Batch(setup.layout);
  fill(batch, setup);
  const collector = openCollector(setup.goldenOutputs);
  collector.start(batch.rows);
  const faults = await scorer.score(batch, collector);
  for (const [row, message] of [...faults, ...collector.undecided()]) throw mismatch(setup, row, message);
  const columns = collector.finish();
  setup.golden.forEach((golden, row) => compare(setup, golden, row, columns));
}

function fill(batch: Batch, setup: GoldenSetup): void {
  batch.reset(setup.golden.length);
  const nullsOf = openNulls();
  setup.golden.forEach(({ row: cells }, row) => {
    for (const field of setup.layout.fields) {
      const tensor = batch.tensors[field.tensor];
      if (tensor === undefined) continue;
      const store = openFieldStore(field, tensor, nullsOf(field));
      if (!Object.hasOwn(cells, field.name)) throw invalid(setup, row, `it has no value for the column "${field.name}", which the model reads`);
      const text = cells[field.name] ?? null;
      const stored = text === null ? store.missing(row) : store.text(row, text);
      if (stored !== 'stored' && stored !== 'missing') throw invalid(setup, row, `its value for the column "${field.name}" does not fit: ${stored}`);
    }
    batch.accept();
  });
}

function compare(setup: GoldenSetup, golden: GoldenRow, row: number, columns: readonly ResultColumn[]): void {
  for (const [name, expected] of Object.entries(golden.expect)) {
    const column = columns.find(({ field }) => field.name === name);
    if (column === undefined) {
      throw invalid(
        setup,
        row,
        `it expects the output "${name}", which this model does not give (it gives ${columns.map(({ field }) => field.name).join(', ')})`,
      );
    }
    const found = textWriter(column.field.type)(column.values, row);
    if (!agrees(column, row, found, expected)) throw mismatch(setup, row, `${name}: found ${found}, expected ${String(expected)}`);
  }
}

function agrees({ field: { name, type }, values }: ResultColumn, row: number, text: string, expected: string | number): boolean {
  if (typeof expected === 'string' && text === expected) return true;
  const value = type === 'float16' ? float16Value(Number(values[row])) : Number(values[row]);
  const target = Number(expected);
  return typeof values[row] !== 'string' && Math.abs(value - target) <= GOLDEN_TOLERANCE * (name.startsWith('probability_') ? 1 : Math.abs(target));
}

function invalid(setup: GoldenSetup, row: number, what: string): ContractError {
  return new ContractError('golden-invalid', `golden row ${row + 1} of the contract cannot be scored: ${what}`, {
    place: { file: setup.contractPath ?? '' },
    fix: 'Mend the golden row, make the contract again, or give --contract none to set it aside.',
  });
}

function mismatch(setup: GoldenSetup, row: number, what: string): ModelError {
  return new ModelError('golden-mismatch', `the model does not give the contract's score for golden row ${row + 1}: ${what}`, {
    place: { file: setup.modelPath },
    details: { contract: setup.contractPath, goldenRow: row + 1 },
    fix: 'Find out which of model, contract and runtime changed; --contract none scores without this proof.',
  });
}
