import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import { ModelError } from '#src/errors/errors.js';
import type { Binding, BoundInput } from '#src/model/bind.js';
import { chooseBlockRows, openScorer, type Block, type BlockSink } from '#src/model/blocks.js';
import { openHonestyCheck } from '#src/model/honesty.js';
import { layoutOf } from '#src/model/layout-of.js';
import type { Session, TensorData } from '#src/model/session.js';

const input = (name: string, type: BoundInput['type'], width: number, vector = false): BoundInput => ({
  name, type, width, vector, columns: Array.from({ length: width }, (_, column) => ({ name: `${name}${column}`, column })),
}); // prettier-ignore
const BINDING: Binding = { inputs: [input('x', 'float64', 2), input('s', 'string', 1, true)], orderFrom: 'flag' };

/** A batch whose row r holds r, 10r and the text of r. */
function batchOf(rows: number): Batch {
  const batch = new Batch(layoutOf(BINDING, []));
  batch.reset(rows + 3);
  const [numbers, texts] = batch.tensors;
  for (let row = 0; row < rows; row++) {
    (numbers!.values as Float64Array).set([row, row * 10], row * 2);
    (texts!.values as string[])[row] = String(row);
    batch.accept();
  }
  return batch;
}

interface Call {
  readonly dims: readonly (readonly number[])[];
  readonly rows: readonly number[];
}

/** Gives row + 0.5 for each row, and throws where a bad row is among them, as a runtime does. */
function fakeSession(bad: ReadonlySet<number>, always = false): Session & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    async run(inputs: readonly TensorData[]) {
      const [x, s] = inputs;
      const rows = Array.from({ length: x!.dims[0]! }, (_, row) => Number(x!.values[row * 2]));
      calls.push({ dims: inputs.map(({ dims }) => dims), rows });
      expect(rows.map(String)).toEqual([...(s!.values as string[])]);
      if (always || rows.some((row) => bad.has(row)))
        throw new Error("Non-zero status code returned while running Gather node. Name:'' Status Message: idx=7 is out of bounds");
      return [{ type: 'float64' as const, dims: [rows.length, 1], values: Float64Array.from(rows, (row) => row + 0.5) }];
    },
    async close() {},
  };
}

/** Keeps scores by row. */
function keeper(rows: number): BlockSink & { readonly scores: (number | undefined)[]; readonly blocks: Omit<Block, 'bad'>[] } {
  const scores = new Array<number | undefined>(rows).fill(undefined);
  const blocks: Omit<Block, 'bad'>[] = [];
  return {
    scores,
    blocks,
    put([tensor], { at, rows: count, size, bad }) {
      blocks.push({ at, rows: count, size });
      expect(tensor!.dims[0]).toBe(size);
      for (let row = 0; row < count; row++) if (!bad.has(at + row)) scores[at + row] = Number(tensor!.values[row]);
    },
  };
}

describe('blocks of one size', () => {
  test('the last is padded with its last row; vectors have one dimension', async () => {
    const session = fakeSession(new Set());
    const sink = keeper(10);
    await openScorer(session, BINDING, { blockRows: 4, fixedBatch: false }).score(batchOf(10), sink);
    expect(session.calls.map(({ rows }) => rows)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 9, 9],
    ]);
    expect(session.calls[2]?.dims).toEqual([[4, 2], [4]]);
    expect(sink.blocks).toEqual([
      { at: 0, rows: 4, size: 4 },
      { at: 4, rows: 4, size: 4 },
      { at: 8, rows: 2, size: 4 },
    ]);
  });

  test('a full block of numbers is a view of the batch', async () => {
    const batch = batchOf(8);
    const seen: unknown[] = [];
    const session: Session = {
      async run([x]) {
        seen.push((x!.values as Float64Array).buffer);
        return [{ type: 'float64', dims: [4, 1], values: new Float64Array(4) }];
      },
      async close() {},
    };
    await openScorer(session, BINDING, { blockRows: 4, fixedBatch: false }).score(batch, keeper(8));
    expect(seen.every((buffer) => buffer === (batch.tensors[0]!.values as Float64Array).buffer)).toBe(true);
  });

  test('no rows, no calls', async () => {
    const session = fakeSession(new Set());
    expect((await openScorer(session, BINDING, { blockRows: 4, fixedBatch: false }).score(batchOf(0), keeper(0))).size).toBe(0);
    expect(session.calls).toEqual([]);
  });

  test.each<[number | undefined, number, number | undefined, number]>([
    [3, 4, 64, 3], [undefined, 4, 64, 64], [undefined, 512, undefined, 2048], [undefined, 513, undefined, 1024],
    [undefined, 5000, undefined, 128], [undefined, 2 ** 23, undefined, 1],
  ])('fixed batch %s, %i features, asked for %s: %i rows', (fixedBatch, width, asked, expected) => {
    const signature = { inputs: [], outputs: [], fixedBatch, featureNames: undefined };
    expect(chooseBlockRows(signature, { inputs: [input('x', 'float32', width)], orderFrom: 'flag' }, asked)).toBe(expected);
  }); // prettier-ignore
});

describe('rows that the runtime throws on', () => {
  test('any set of them is found exactly, and the rest scored as without them', async () => {
    const setting = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      blockRows: fc.integer({ min: 1, max: 9 }),
      bad: fc.uniqueArray(fc.nat(39)),
      fixedBatch: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(setting, async ({ rows, blockRows, bad, fixedBatch }) => {
        const session = fakeSession(new Set(bad));
        const sink = keeper(rows);
        const found = await openScorer(session, BINDING, { blockRows, fixedBatch }).score(batchOf(rows), sink);
        const expected = bad.filter((row) => row < rows).sort((a, b) => a - b);
        expect([...found.keys()].sort((a, b) => a - b)).toEqual(expected);
        expect(sink.scores).toEqual(Array.from({ length: rows }, (_, row) => (found.has(row) ? undefined : row + 0.5)));
        if (fixedBatch) expect(session.calls.every(({ rows: given }) => given.length === blockRows)).toBe(true);
      }),
    );
  });

  test('the message is one line and holds no value', async () => {
    const found = await openScorer(fakeSession(new Set([2])), BINDING, { blockRows: 4, fixedBatch: false }).score(batchOf(4), keeper(4));
    expect([...found]).toEqual([[2, 'Gather node: index is out of bounds']]);
  });

  test('a model that only fails on whole blocks is at fault itself', async () => {
    const session: Session = {
      async run([x]) {
        if (x!.dims[0] === 4) throw new Error('no kernel for so many');
        return [{ type: 'float64', dims: [x!.dims[0]!, 1], values: new Float64Array(x!.dims[0]!) }];
      },
      async close() {},
    };
    await expect(openScorer(session, BINDING, { blockRows: 4, fixedBatch: false }).score(batchOf(4), keeper(4))).rejects.toMatchObject({
      code: 'runtime-failed',
      status: 69,
    });
  });

  test("want of memory is the model's, and not looked for among the rows", async () => {
    const session = fakeSession(new Set());
    const greedy: Session = { ...session, run: async (inputs) => { await session.run(inputs); throw new Error('Failed to allocate memory for requested buffer of size 8'); } }; // prettier-ignore
    await expect(openScorer(greedy, BINDING, { blockRows: 4, fixedBatch: false }).score(batchOf(4), keeper(4))).rejects.toMatchObject({
      code: 'model-memory',
      status: 69,
    });
    expect(session.calls.length).toBe(1);
  });

  test('the rows beside one that fails are compared too', async () => {
    const signature = { inputs: [], outputs: [{ name: 'y', type: 'float64', shape: undefined, role: 'value', classes: undefined }], fixedBatch: undefined, featureNames: undefined } as const; // prettier-ignore
    const honest = fakeSession(new Set([2]));
    const mean: Session = {
      ...honest,
      run: async (inputs) => {
        const [tensor] = await honest.run(inputs);
        const values = tensor!.values as Float64Array;
        const sum = values.reduce((total, value) => total + value, 0);
        return [{ ...tensor!, values: values.map((value) => value - sum / values.length) }];
      },
    };
    for (const [session, lies] of [[honest, false], [mean, true]] as const) {
      const honesty = openHonestyCheck({ modelPath: 'M', signature, inputs: BINDING.inputs, mixers: [] });
      const scored = openScorer(session, BINDING, { blockRows: 8, fixedBatch: false, honesty }).score(batchOf(8), keeper(8));
      if (lies) await expect(scored).rejects.toMatchObject({ code: 'rows-mixed' });
      else expect([[...(await scored).keys()], honesty.checkedBlocks()]).toEqual([[2], 1]);
    } // prettier-ignore
  });

  test('an error of ours passes through', async () => {
    const error = new ModelError('output-shape', 'wrong');
    const session: Session = { run: () => Promise.reject(error), close: () => Promise.resolve() };
    await expect(openScorer(session, BINDING, { blockRows: 4, fixedBatch: false }).score(batchOf(4), keeper(4))).rejects.toBe(error);
  });
});
