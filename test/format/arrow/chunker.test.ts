import { Field, Float32, Int32, RecordBatch, Schema, Struct, Table, makeData, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { Layout } from '#src/batch/layout.js';
import { checkBatchHead } from '#src/format/arrow/batch-header.js';
import { openArrowDecoder } from '#src/format/arrow/decode.js';
import { flatBuffers } from '#src/format/arrow/flat.js';
import { openMessage } from '#src/format/arrow/message.js';
import { OpenedSchema } from '#src/format/arrow/source-schema.js';
import { openArrowSplitter } from '#src/format/arrow/split.js';
import { made, TEXTS } from './fixtures.js';
import { cells, codeOf, field, keepAll, memorySource, rewrite, split } from './support.js';

const { setup } = await split(made('all-types.arrows'));
const FLAT = new OpenedSchema(setup.schema).fields.filter(({ type }) => flatBuffers(type) !== undefined).map(({ name }) => name);
const ROWS = TEXTS['int32']!.map((_, row) => FLAT.map((name) => TEXTS[name]![row]!));

/** Every type that is not nested, in as many record batches as their source has, or all in one. */
async function flat(container: 'file' | 'stream', batches: 'many' | 'one', compression?: 'lz4' | 'zstd'): Promise<Uint8Array> {
  const keep = (schema: Parameters<typeof keepAll>[0]): ReturnType<typeof keepAll> => keepAll(schema).filter(({ name }) => FLAT.includes(name));
  const packed = compression === undefined ? {} : { compression };
  const many = await rewrite(made(container === 'file' ? 'all-types.arrow' : 'all-types.arrows'), {
    container,
    keep,
    ...(batches === 'many' ? packed : {}),
  });
  return batches === 'many' ? many : rewrite(many, { container, ...packed });
}

/** Rows of each record batch message of a source, as it is cut into chunks of the given bytes. */
async function rowsOf(bytes: Uint8Array, options: Parameters<typeof split>[1] = {}): Promise<number[]> {
  return (await split(bytes, options)).chunks.map((chunk) => {
    let rows = 0;
    for (let at = 0; at < chunk.bytes.length;) {
      const message = openMessage(chunk.bytes.subarray(at), { byte: 0 });
      rows += checkBatchHead(message, { byte: 0 }).rows;
      at += message.body.at + message.body.length;
    }
    return rows;
  });
}

function numbers(batches: readonly number[], container: 'file' | 'stream' = 'file'): Uint8Array {
  const schema = new Schema([new Field('c0', new Int32(), true), new Field('c1', new Float32(), true)]);
  let next = 0;
  const made = batches.map((length) => {
    const ids = Int32Array.from({ length }, () => next++);
    const children = [
      makeData({ type: new Int32(), length, nullCount: 0, data: ids }),
      makeData({ type: new Float32(), length, nullCount: 0, data: Float32Array.from(ids, (id) => id / 8) }),
    ];
    return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
  });
  return tableToIPC(new Table(schema, made), container);
}

it('every type that is not nested can be cut and joined', () => {
  expect(Object.keys(TEXTS).filter((name) => !FLAT.includes(name))).toEqual(Object.keys(TEXTS).filter((name) => /list|struct|map|union/.test(name)));
});

describe.each(['file', 'stream'] as const)('record batches of a %s', (container) => {
  it('are joined up to the bytes of a chunk', async () => {
    const bytes = await flat(container, 'many');
    const many = await rowsOf(bytes, { chunkBytes: 1 });
    expect(many.length).toBeGreaterThan(1);
    expect(await rowsOf(bytes)).toEqual([ROWS.length]);
  });

  it('are cut by rows, at multiples of eight', async () => {
    const bytes = await flat(container, 'one');
    expect(await rowsOf(bytes)).toEqual([ROWS.length]);
    expect(await rowsOf(bytes, { chunkBytes: 1 })).toEqual([8, 8, 8, 8, 8]);
    expect(await rowsOf(bytes, { chunkBytes: 1, blockRows: 3 })).toEqual([24, 16]);
    expect(await rowsOf(bytes, { chunkBytes: 1, blockRows: 32 })).toEqual([40]);
  });

  it.each(['many', 'one'] as const)('give the same cells however they are cut (%s)', async (batches) => {
    for (const compression of [undefined, 'lz4', 'zstd'] as const) {
      const bytes = await flat(container, batches, compression);
      for (const chunkBytes of [1, 5000, 20_000, 2 ** 20]) {
        for (const options of [{}, { pipe: true, stride: 7 }, { forward: true }]) {
          expect(await cells(bytes, { ...options, chunkBytes })).toEqual(ROWS);
        }
      }
    }
  });

  it('go through to the output whole, however they are cut', async () => {
    for (const batches of ['many', 'one'] as const) {
      for (const chunkBytes of [1, 20_000, 2 ** 20]) {
        const bytes = await flat(container, batches);
        const out = await rewrite(bytes, { container, chunkBytes, reject: (row) => row % 7 === 3 });
        expect(await cells(out)).toEqual(ROWS.filter((_, row) => row % 7 !== 3));
      }
    }
  });

  it('that are damaged give values or an error that names it, never a crash', async () => {
    for (const batches of ['many', 'one'] as const) {
      const bytes = await flat(container, batches);
      const one = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 4 }), fc.constantFrom(1, 2 ** 20), async (changes, chunkBytes) => {
          const damaged = bytes.slice();
          for (const [at, byte] of changes) damaged[at] = byte;
          expect(await codeOf(cells(damaged, { chunkBytes }))).toMatch(/^(whole|arrow-[a-z-]+|duplicate-column|empty-column-name)$/);
        }),
        { numRuns: 60 },
      );
    }
  });
});

it('nested columns keep record batches as they are', async () => {
  const bytes = made('all-types.arrows');
  expect(await rowsOf(bytes)).toEqual(await rowsOf(bytes, { chunkBytes: 1 }));
});

it('tables of any shape read the same at any size of chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(60), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.nat(40),
      async (batches, chunkBytes, blockRows) => {
        const rows = batches.reduce((sum, length) => sum + length, 0);
        const expected = Array.from({ length: rows }, (_, id) => [String(id), String(id / 8)]);
        expect(await cells(numbers(batches), { chunkBytes, blockRows: blockRows + 1 })).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});

it('short batches make at least a block of rows, up to eight times the bytes of a chunk', async () => {
  const bytes = numbers(new Array<number>(200).fill(2));
  const [first = 0] = await rowsOf(bytes, { chunkBytes: 1000, blockRows: 1 });
  expect(first).toBeLessThan(16);
  expect((await rowsOf(bytes, { chunkBytes: 1000, blockRows: 16 })).slice(0, -1)).toEqual(new Array<number>(24).fill(16));
  const [most] = await rowsOf(bytes, { chunkBytes: 1000, blockRows: 10_000 });
  expect(most).toBeGreaterThan(6 * first);
  expect(most).toBeLessThanOrEqual(8 * (first + 2));
});

it('each batch is a chunk where each is to be answered as it comes', async () => {
  const splitter = await openArrowSplitter(memorySource(numbers([3, 4, 5])), 'arrow', 2 ** 20, { join: false });
  const offsets: number[] = [];
  for await (const chunk of splitter.chunks()) offsets.push(chunk.offset);
  expect(new Set(offsets).size).toBe(3);
});

it('a batch of a file that is too large to be held is cut like one from a pipe, and reaches as far in the source', async () => {
  const bytes = numbers([2_300_000], 'stream');
  const [seekable, pipe] = [await split(bytes), await split(bytes, { pipe: true })];
  expect(seekable.chunks.length).toBeGreaterThan(10);
  expect(seekable.chunks.map((chunk) => Buffer.compare(chunk.bytes, pipe.chunks[chunk.index]!.bytes))).toEqual(seekable.chunks.map(() => 0));
  const reach = seekable.chunks.map((chunk) => chunk.offset + chunk.sourceBytes!);
  expect(reach).toEqual([...reach].sort((a, b) => a - b));
  const { metadataBytes, bodyBytes } = {
    metadataBytes: 8 + Buffer.from(bytes).readInt32LE(seekable.chunks[0]!.offset + 4),
    bodyBytes: 2 * 4 * 2_300_000,
  };
  expect(reach.at(-1)).toBe(seekable.chunks[0]!.offset + metadataBytes + bodyBytes);
});

it('a record is located at its own record batch', async () => {
  const bytes = numbers([3, 4, 5]);
  const apart = (await split(bytes, { chunkBytes: 1 })).chunks.map(({ offset }) => offset);
  expect(new Set(apart).size).toBe(3);
  const { chunks, setup: own } = await split(bytes);
  const layout: Layout = { tensors: [{ type: 'int32', width: 1 }], fields: [field(0, 'int32')], kept: [] };
  const decoder = await openArrowDecoder(own, layout);
  decoder.decode(chunks[0]!, new Batch(layout));
  const places = Array.from({ length: 12 }, (_, record) => chunks[0]!.offset + decoder.locate(record).byte);
  expect(places).toEqual([3, 4, 5].flatMap((rows, index) => new Array<number>(rows).fill(apart[index]!)));
});

it('rejects stand at their own record batch', async () => {
  const bytes = numbers([3, 4, 5]);
  const { chunks, setup: own } = await split(bytes);
  const apart = (await split(bytes, { chunkBytes: 1 })).chunks.map(({ offset }) => offset);
  const layout: Layout = { tensors: [{ type: 'int64', width: 1 }], fields: [field(1, 'int64', { at: 0 })], kept: [] };
  const decoder = await openArrowDecoder(own, layout);
  const batch = new Batch(layout);
  decoder.decode(chunks[0]!, batch);
  // Eighths that are no whole numbers.
  expect(batch.rejects.map(({ row, byte }) => [row, chunks[0]!.offset + byte])).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 9, 10, 11].map((row) => [row, apart[row < 3 ? 0 : row < 7 ? 1 : 2]]),
  );
});
