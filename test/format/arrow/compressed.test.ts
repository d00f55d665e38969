import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBatchHead } from '#src/format/arrow/batch-header.js';
import { encodeBatchMetadata } from '#src/format/arrow/batch-metadata.js';
import { loadCodec } from '#src/format/arrow/codec/codec.js';
import { frame, openMessage } from '#src/format/arrow/message.js';
import { plainMessage } from '#src/format/arrow/plain.js';
import { made, textRows } from './fixtures.js';
import { cells, codeOf, containerOf, rewrite, split } from './support.js';

/** The rows of `series` as make.py computes them. */
const SERIES = Array.from({ length: 6000 }, (_, i) => [
  i % 11 === 0 ? null : String(Math.floor(i / 8)),
  String((i % 97) / 4),
  i % 7 === 3 ? null : `word ${i % 29}`,
  String(i % 3 === 0),
  `kind ${i % 40}`,
]);
const WRITERS = ['series', 'polars'].flatMap((writer) =>
  ['lz4', 'zstd'].flatMap((codec) => [`${writer}-${codec}.arrow`, `${writer}-${codec}.arrows`]),
);
const PACKED = ['all-types-lz4.arrow', 'all-types-zstd.arrows', ...WRITERS];

/** The codec of each record batch and dictionary of an output. */
async function codecs(bytes: Uint8Array): Promise<unknown[]> {
  const { chunks } = await split(bytes);
  return chunks.map((chunk) => checkBatchHead(openMessage(chunk.bytes, { byte: 0 }), { byte: 0 }).codec);
}

describe('compressed files', () => {
  it.each(['all-types-lz4.arrow', 'all-types-zstd.arrows'])('%s, of every type, are read', async (name) => {
    expect(await cells(made(name))).toEqual(textRows());
    for (const stride of [1, 7]) expect(await cells(made(name), { stride, pipe: true })).toEqual(textRows());
  });

  it.each(WRITERS)('%s, by pyarrow or Polars, are read and written again', async (name) => {
    const bytes = made(name);
    expect(await cells(bytes)).toEqual(SERIES);
    for (const container of ['file', 'stream'] as const) {
      expect(await cells(await rewrite(bytes, { container, reject: (row) => row % 5 === 2 }))).toEqual(SERIES.filter((_, row) => row % 5 !== 2));
    }
  });

  it('tell the workers their codec, and only that', async () => {
    expect((await split(made('series-lz4.arrow'))).setup.codec).toBe('lz4');
    expect((await split(made('polars-zstd.arrows'))).setup.codec).toBe('zstd');
    expect((await split(made('all-types.arrow'))).setup).not.toHaveProperty('codec');
  });

  it('may change their codec half-way', async () => {
    const parts = await Promise.all(['lz4', 'zstd'].map(async (codec) => (await split(made(`series-${codec}.arrows`))).chunks));
    const head = made('series-lz4.arrows').subarray(0, parts[0]![0]!.offset);
    const end = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]);
    const mixed = Buffer.concat([head, ...parts.flat().map(({ bytes }) => bytes), end]);
    expect(await cells(mixed)).toEqual([...SERIES, ...SERIES]);
  });
});

describe.each(['lz4', 'zstd'] as const)('output with %s', (compression) => {
  it.each(['file', 'stream'] as const)('holds every type in a %s', async (container) => {
    const out = await rewrite(made('all-types.arrows'), { container, compression });
    expect(await cells(out)).toEqual(textRows());
    expect(new Set(await codecs(out))).toEqual(new Set([compression]));
  });

  it.each(['file', 'stream'] as const)('is shorter, also as a %s', async (container) => {
    const plain = await rewrite(made('series-zstd.arrows'), { container });
    const packed = await rewrite(made('series-zstd.arrows'), { container, compression });
    expect(packed.length).toBeLessThan(plain.length / 2);
    expect(await cells(packed)).toEqual(SERIES);
  });

  it('has the indices of replaced dictionaries rewritten in a file', async () => {
    const out = await rewrite(made('replaced.arrows'), { container: 'file', compression });
    expect(await cells(out)).toEqual(await cells(made('replaced.arrows')));
    expect(new Set(await codecs(out))).toEqual(new Set([compression]));
  });

  it('may lose every row', async () => {
    expect(await cells(await rewrite(made('series-lz4.arrow'), { container: 'file', compression, reject: () => true }))).toEqual([]);
  });
});

describe.each(PACKED)('%s', (name) => {
  const bytes = made(name);
  const container = containerOf(bytes);

  it('is no whole one where it is cut', async () => {
    const options = container === 'arrow' ? [{}] : [{}, { pipe: true }];
    for (let index = 0; index < 150; index++) {
      const end = Math.floor((index * bytes.length) / 150);
      for (const option of options)
        expect([end, await codeOf(cells(bytes.subarray(0, end), { ...option, container }))]).toEqual([end, 'arrow-truncated']);
    }
  });

  it('with damage anywhere gives values or an error that names it, never a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = bytes.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        expect(await codeOf(cells(damaged, { container }))).toMatch(/^(whole|arrow-[a-z-]+|duplicate-column|empty-column-name)$/);
      }),
      { numRuns: 100 },
    );
  });
});

it('a file of our own with damage in a buffer is found by its checksum, or is equal', async () => {
  const expected = SERIES.map((row) => row.slice(0, 3));
  const out = await rewrite(made('series-zstd.arrows'), { container: 'stream', compression: 'lz4', keep: ({ columns }) => columns.slice(0, 3).map(({ name }, column) => ({ name, column })) }); // prettier-ignore
  const { chunks } = await split(out);
  const { offset, bytes } = chunks[0]!;
  const { at, length } = openMessage(bytes, { byte: 0 }).body;
  for (let index = 0; index < 200; index++) {
    const damaged = out.slice();
    damaged[offset + at + Math.floor((index * length) / 200)]! ^= 1 << (index % 8);
    const found = await cells(damaged).catch((error: unknown) => error);
    if (found instanceof Error) expect(found).toMatchObject({ code: 'arrow-corrupt', statusName: 'data' });
    else expect(found).toEqual(expected);
  }
});

describe('a bomb', () => {
  /** The first record batch of a stream with another announced length of its buffer `number`. */
  async function announcing(name: string, number: number, length: bigint): Promise<Uint8Array> {
    const bytes = made(name).slice();
    const { chunks } = await split(bytes);
    const { offset, bytes: message } = chunks[0]!;
    const opened = openMessage(message, { byte: 0 });
    const [start = 0] = checkBatchHead(opened, { byte: 0 }).buffers[number]!;
    new DataView(bytes.buffer).setBigInt64(offset + opened.body.at + start, length, true);
    return bytes;
  }

  it.each([2n ** 62n, 2n ** 40n, 2n ** 31n, 2n ** 30n, 100_000n, -2n])('is not unpacked: a buffer that claims %d bytes', async (length) => {
    const before = process.memoryUsage().arrayBuffers;
    for (const name of ['series-lz4.arrows', 'series-zstd.arrows', 'polars-zstd.arrows']) {
      // Number 1 has the values of the first column, number 6 the text of the third, whose length nothing but its offsets says.
      for (const number of [1, 6]) {
        const bytes = await announcing(name, number, length);
        expect([name, number, await codeOf(cells(bytes))]).toEqual([name, number, expect.stringMatching(/^arrow-(corrupt|too-large)$/)]);
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  });
});

it('a record batch that would unpack to far more than it is, is refused before anything is allocated', async () => {
  const blocks = 3200; // of 128 KiB that repeat one byte: 400 MiB in 13 KB
  const body = new Uint8Array(8 + 6 + 4 * blocks + 2);
  const view = new DataView(body.buffer);
  view.setBigInt64(0, BigInt(blocks * 2 ** 17), true);
  view.setUint32(8, 0xfd2fb528, true);
  for (let index = 0; index < blocks; index++) view.setUint32(14 + 4 * index, ((2 ** 17) << 3) | (1 << 1) | (index === blocks - 1 ? 1 : 0), true);
  const rows = blocks * 2 ** 14;
  const metadata = encodeBatchMetadata({
    version: 4,
    rows,
    nodes: [[rows, 0]],
    buffers: [[0, 0], [0, body.length]],
    viewBuffers: [],
    codec: 'zstd',
    dictionary: undefined,
    bodyBytes: body.length,
  }); // prettier-ignore
  const where = { byte: 0 };
  const message = openMessage(frame(metadata, body), where);
  const codec = await loadCodec('zstd');
  const fields = [{ name: 'zeros', type: { kind: 'int', bits: 64, signed: true } }] as const;
  const allocated: number[] = [];
  const allocate = (bytes: number): Uint8Array => {
    allocated.push(bytes);
    return new Uint8Array(bytes);
  };
  expect(() => plainMessage(message, checkBatchHead(message, where), fields, where, { codec, drop: false, allocate })).toThrow(
    expect.objectContaining({ code: 'arrow-too-large' }),
  );
  expect(allocated).toEqual([]);
});

it('a codec that the format does not know is refused', async () => {
  const bytes = made('series-zstd.arrows').slice();
  const { chunks } = await split(bytes);
  const { offset, bytes: message } = chunks[0]!;
  const view = new DataView(message.buffer, 8);
  const follow = (table: number, slot: number): number => table + view.getUint16(table - view.getInt32(table, true) + 4 + 2 * slot, true);
  const pointed = (at: number): number => at + view.getUint32(at, true);
  const compression = pointed(follow(pointed(follow(pointed(0), 2)), 3));
  bytes[offset + 8 + follow(compression, 0)] = 9;
  await expect(cells(bytes)).rejects.toMatchObject({ code: 'arrow-compressed', details: { codec: 9 } });
});
