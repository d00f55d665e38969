import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import { ScorelineError } from '#src/errors/errors.js';
import { bindInputs } from '#src/model/bind.js';
import { chooseBlockRows, openScorer } from '#src/model/blocks.js';
import { findDisagreement } from '#src/model/check-outputs.js';
import { chooseRows, MADE_UP } from '#src/model/check-rows.js';
import { CHECK_EVERY, isSampled, openHonestyCheck } from '#src/model/honesty.js';
import { layoutOf } from '#src/model/layout-of.js';
import { loadModel, openModel } from '#src/model/load.js';
import { openOrtSession } from '#src/model/ort-session.js';
import type { Session, TensorData } from '#src/model/session.js';
import { silenceTelemetry } from '#src/model/telemetry.js';

const LYING = join(import.meta.dirname, '../../fixtures/types/lying');
const FEATURES = ['f1', 'f2', 'f3'];

beforeAll(() => silenceTelemetry());

/** Rows of three numbers that come out of a small generator, none of them alike. */
function table(rows: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: rows * 3 }, () => (state = (state * 48271) % 2147483647) / 2147483647 + 0.25);
}

/** Scores a table in batches of `chunkRows`; gives the blocks compared, or the error's code. */
async function outcome(name: string, values: Float32Array, options: { knowGraph: boolean; chunkRows?: number; blockRows?: number }) {
  const { loaded } = await openModel(join(LYING, `${name}.onnx`));
  const { signature } = loaded;
  const binding = bindInputs({ signature, columns: FEATURES });
  const session = await openOrtSession(loaded.bytes, signature, { threads: 1 });
  const honesty = openHonestyCheck({ modelPath: 'M', signature, inputs: binding.inputs, mixers: options.knowGraph ? loaded.mixers : [] });
  const blockRows = chooseBlockRows(signature, binding, options.blockRows);
  const scorer = openScorer(session, binding, { blockRows, fixedBatch: signature.fixedBatch !== undefined, honesty });
  const batch = new Batch(layoutOf(binding, []));
  const chunkRows = options.chunkRows ?? 4096;
  try {
    for (let from = 0, chunk = 0; from < values.length / 3; from += chunkRows, chunk++) {
      const part = values.subarray(from * 3, (from + chunkRows) * 3);
      batch.reset(part.length / 3);
      (batch.tensors[0]!.values as Float32Array).set(part);
      for (let row = 0; row < part.length / 3; row++) batch.accept();
      await scorer.score(batch, { put: rowsKept }, chunk);
    }
    return honesty.checkedBlocks();
  } catch (error) {
    if (error instanceof ScorelineError) return `${error.code} ${error.status}`;
    throw error;
  } finally {
    await session.close();
  }
}

/** The part of a collector that counts here. */
function rowsKept([tensor]: readonly TensorData[], { size }: { size: number }): void {
  if (tensor?.dims[0] !== size) throw new ScorelineError('rows-changed', 'other rows', 'model');
}

describe('models that lie', () => {
  const MIXED = 'rows-mixed 69';
  const CHANCE = 'not-deterministic 69';

  test.each([
    ['mean', MIXED], ['mean-fixed', MIXED], ['largest', MIXED], ['sort', MIXED], ['running-sum', MIXED], ['place', MIXED], ['noise', CHANCE], ['dropout', CHANCE], ['draw', CHANCE],
  ])('%s: at the first block, whatever is known of the graph and however few rows', async (name, code) => {
    for (const rows of name === 'draw' ? [2000] : [1, 2, 3, 7, 100, 2048, 5000]) {
      for (const knowGraph of [true, false]) expect(await outcome(name, table(rows), { knowGraph }), `${rows} rows`).toBe(code);
      expect(await outcome(name, table(rows), { knowGraph: false, ...(name === 'mean-fixed' ? {} : { blockRows: 64 }) }), `${rows} rows`).toBe(code);
    }
  }); // prettier-ignore

  test('the same row again and again', async () => {
    const same = new Float32Array(300).fill(0.5);
    expect(await outcome('mean', same, { knowGraph: false })).toBe(MIXED);
    expect(await outcome('place', same, { knowGraph: false })).toBe(MIXED);
  });

  test.each([['late-mean', MIXED], ['hidden-dropout', CHANCE]])('%s: one value of one late row is enough, as the graph says what to look for', async (name, code) => {
    const values = table(60_000);
    expect(await outcome(name, values, { knowGraph: true })).toBe(Math.ceil(60_000 / 4096) * 2);
    values[3 * 51_234 + 1] = 5000;
    expect(await outcome(name, values, { knowGraph: true })).toBe(code);
    for (let row = 30_000; row < 60_000; row++) values[row * 3] = 2000 + row;
    expect(await outcome(name, values, { knowGraph: true })).toBe(code);
  }); // prettier-ignore

  test('late, and nothing known of the graph: the sample finds what goes on', async () => {
    const values = table(400_000);
    for (let row = 100_000; row < 400_000; row++) values[row * 3] = 2000 + row;
    expect(await outcome('late-mean', values, { knowGraph: false, blockRows: 512 })).toBe(MIXED);
  });

  test('filter: the first block that loses a row', async () => {
    const values = table(10_000);
    expect(await outcome('filter', values, { knowGraph: true })).toBe(5);
    values[3 * 9_000] = 5000;
    expect(await outcome('filter', values, { knowGraph: true })).toBe('rows-changed 69');
  });

  test('every one of them is in these tests', () => {
    const named = [
      'mean',
      'mean-fixed',
      'largest',
      'sort',
      'running-sum',
      'place',
      'noise',
      'dropout',
      'draw',
      'late-mean',
      'hidden-dropout',
      'filter',
    ];
    expect(readdirSync(LYING).sort()).toEqual(named.map((name) => `${name}.onnx`).sort());
  });

  test.each(['noise', 'dropout', 'draw'])('%s is refused for what its graph says', async (name) => {
    await expect(loadModel(join(LYING, `${name}.onnx`))).rejects.toMatchObject({ code: 'not-deterministic', status: 69 });
  });
});

describe('the sample', () => {
  test('is one block in so many, wherever it stands', () => {
    const places = Array.from({ length: 100_000 }, (_, index) => [Math.floor(index / 50), index % 50] as const);
    const share = places.filter(([chunk, block]) => isSampled(chunk, block)).length / places.length;
    expect(share * CHECK_EVERY).toBeGreaterThan(0.9);
    expect(share * CHECK_EVERY).toBeLessThan(1.1);
    const longest = places.reduce(
      ([run, most], [chunk, block]) => (isSampled(chunk, block) ? [0, most] : [run + 1, Math.max(most, run + 1)]),
      [0, 0],
    );
    expect(longest[1]).toBeLessThan(CHECK_EVERY * 12);
  });

  test('an honest model is compared at its first block, and then one time in so many', async () => {
    const calls: number[] = [];
    const session: Session = {
      async run([x]) {
        calls.push(x!.dims[0]!);
        return [{ type: 'float32', dims: [x!.dims[0]!, 1], values: Float32Array.from({ length: x!.dims[0]! }, (_, row) => Number(x!.values[row * 3])) }];
      },
      async close() {},
    };
    const { loaded } = await openModel(join(LYING, 'mean.onnx'));
    const binding = bindInputs({ signature: loaded.signature, columns: FEATURES });
    const honesty = openHonestyCheck({ modelPath: 'M', signature: loaded.signature, inputs: binding.inputs, mixers: [] });
    const scorer = openScorer(session, binding, { blockRows: 4, fixedBatch: false, honesty });
    const batch = new Batch(layoutOf(binding, []));
    batch.reset(4000);
    (batch.tensors[0]!.values as Float32Array).set(table(4000));
    for (let row = 0; row < 4000; row++) batch.accept();
    await scorer.score(batch, { put() {} }, 0);
    expect(calls.length).toBe(1000 + honesty.checkedBlocks());
    expect(honesty.checkedBlocks()).toBeGreaterThan(5);
    expect(honesty.checkedBlocks()).toBeLessThan(40);
  }); // prettier-ignore
});

describe('the rows of a comparison', () => {
  const { binding } = { binding: { inputs: [{ name: 'X', type: 'float32' as const, width: 3, vector: false, columns: FEATURES.map((name, column) => ({ name, column })) }], orderFrom: 'flag' as const } }; // prettier-ignore
  const batchOf = (values: Float32Array): Batch => {
    const batch = new Batch(layoutOf(binding, []));
    batch.reset(values.length / 3);
    (batch.tensors[0]!.values as Float32Array).set(values);
    for (let row = 0; row < values.length / 3; row++) batch.accept();
    return batch;
  };

  test('of any block: half of them, the largest value never, no made-up ones where rows differ', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 0, max: 30 }), fc.nat(1e6), (rows, padding, seed) => {
        const values = table(rows, seed + 1);
        const { sources, distinct } = chooseRows(batchOf(values), binding.inputs, { from: 0, rows }, rows + padding);
        const used = new Set(sources);
        expect([distinct, used.size, used.has(MADE_UP)]).toEqual([true, Math.ceil(rows / 2), false]);
        const first = Array.from({ length: rows }, (_, row) => values[row * 3] ?? 0);
        expect(used.has(first.indexOf(Math.max(...first)))).toBe(false);
        expect(sources.some((row, position) => row === position)).toBe(true);
      }),
    );
  });
});

describe('two results of a row', () => {
  const floats = (values: number[], type: 'float32' | 'float64' = 'float64', width = 1): TensorData => ({ type, dims: [values.length / width, width], values: type === 'float32' ? Float32Array.from(values) : Float64Array.from(values) }); // prettier-ignore
  const inPlace = Int32Array.of(0, 1, 2);
  const agree = (a: number[], b: number[], sources = inPlace): boolean => findDisagreement([floats(a)], [floats(b)], sources) === undefined;

  test('agree within the noise of their last bits, also near zero among large ones', () => {
    expect(agree([1, 2, 3], [1 + 1e-7, 2, 3])).toBe(true);
    expect(agree([1, 2, 3], [1.001, 2, 3])).toBe(false);
    expect(agree([1e-9, 1000, 2000], [2e-4, 1000, 2000])).toBe(true);
    expect(agree([1e-9, 2e-9, 3e-9], [2e-9, 2e-9, 3e-9])).toBe(false);
  });

  test('NaN agrees with NaN, infinities with themselves, and neither with a number', () => {
    expect(agree([NaN, Infinity, -Infinity], [NaN, Infinity, -Infinity])).toBe(true);
    expect(agree([NaN, 1, 1], [0, 1, 1])).toBe(false);
    expect(agree([Infinity, 1, 1], [1, 1, 1])).toBe(false);
    expect(agree([Infinity, 1, 1], [-Infinity, 1, 1])).toBe(false);
  });

  test('a row that moved is looked for where it went; its rounding may be another', () => {
    const moved = Int32Array.of(2, 0, -1);
    expect(agree([1, 2, 3], [3, 1, 99], moved)).toBe(true);
    expect(agree([1, 2, 3], [3.001, 1, 99], moved)).toBe(true);
    expect(agree([1, 2, 3], [3.1, 1, 99], moved)).toBe(false);
  });

  test('labels must be the same where a row stayed; one that moved may tip over with its probabilities', () => {
    const labels = (values: bigint[]): TensorData => ({ type: 'int64', dims: [3], values: BigInt64Array.from(values) });
    const probabilities = floats([0.5, 0.5, 0.2]);
    expect(findDisagreement([labels([0n, 1n, 1n])], [labels([0n, 1n, 0n])], inPlace)).toMatchObject({ row: 2, expected: '1', found: '0' });
    const moved = Int32Array.of(1, 0, 2);
    expect(findDisagreement([labels([0n, 1n, 1n]), probabilities], [labels([0n, 1n, 1n]), probabilities], moved)).toBeUndefined();
    expect(findDisagreement([labels([0n, 1n, 1n])], [labels([0n, 1n, 1n])], moved)).toBeDefined();
  });
});
