import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { made } from './fixtures.js';
import { cells, codeOf, split } from './support.js';

const SOURCES = [
  { what: 'a stream', bytes: made('all-types.arrows'), options: {} },
  { what: 'a stream from a pipe', bytes: made('all-types.arrows'), options: { pipe: true } },
  { what: 'a file', bytes: made('all-types.arrow'), options: {} },
  { what: 'a file read forward', bytes: made('all-types.arrow'), options: { forward: true } },
  { what: 'a file from a pipe', bytes: made('all-types.arrow'), options: { pipe: true } },
] as const;

/** Where messages start, and where the last one ends. */
async function boundaries(bytes: Uint8Array, container: 'arrow' | 'arrows'): Promise<number[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { chunks } = await split(bytes);
  const starts = chunks.flatMap(({ offset, bytes: message }) => [offset, offset + message.length]);
  let at = container === 'arrow' ? 8 : 0;
  expect(view.getInt32(at, true)).toBe(-1);
  at += 8 + view.getInt32(at + 4, true);
  return [0, 8, at, ...starts, bytes.length];
}

describe.each(SOURCES)('$what that is cut off', ({ bytes, options }) => {
  const container = bytes === SOURCES[2].bytes || Buffer.from(bytes.subarray(0, 6)).toString() === 'ARROW1' ? 'arrow' : 'arrows';
  const read = (part: Uint8Array): Promise<string> => codeOf(split(part, { ...options, container }));

  it('at and around every message is no whole one', async () => {
    for (const boundary of await boundaries(bytes, container)) {
      for (const step of [-9, -8, -4, -3, -1, 0, 1, 3, 4, 7, 8, 9]) {
        const end = boundary + step;
        if (end < 0 || end >= bytes.length) continue;
        expect([end, await read(bytes.subarray(0, end))]).toEqual([end, 'arrow-truncated']);
      }
    }
  });

  it('anywhere is no whole one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (end) => {
        expect(await read(bytes.subarray(0, end))).toBe('arrow-truncated');
      }),
      { numRuns: 150 },
    );
  });

  it('is whole when it is not', async () => {
    expect(await read(bytes)).toBe('whole');
  });
});

describe('damage', () => {
  it.each(SOURCES)('of bytes anywhere in $what gives values or an error that names it, never a crash', async ({ bytes, options }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = bytes.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        expect(await codeOf(cells(damaged, options))).toMatch(/^(whole|arrow-[a-z-]+|duplicate-column|empty-column-name)$/);
      }),
      { numRuns: 150 },
    );
  });

  /** The head of the stream's second message with another length of metadata or body. */
  const lengths = [-1, 0, 1, 7, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)];

  it.each(lengths)('of a length of metadata (%d) is found', async (length) => {
    const bytes = made('replaced.arrows').slice();
    const view = new DataView(bytes.buffer);
    const second = 8 + view.getInt32(4, true);
    view.setInt32(second + 4, length, true);
    for (const options of [{}, { pipe: true }]) {
      expect(await codeOf(cells(bytes, options))).toMatch(/^arrow-(corrupt|truncated|trailing-bytes)$/);
    }
  });

  it('of the schema kind gives the position', async () => {
    const bytes = made('replaced.arrows').slice();
    new DataView(bytes.buffer).setUint32(8, 0xfffffff0, true);
    await expect(split(bytes)).rejects.toMatchObject({ code: 'arrow-corrupt', statusName: 'data', place: { file: 'memory', byte: 0 } });
  });
});

describe('what stands in the wrong place', () => {
  it('is refused behind a stream', async () => {
    const twice = Buffer.concat([made('replaced.arrows'), made('replaced.arrows')]);
    expect(await codeOf(split(twice))).toBe('arrow-trailing-bytes');
  });

  it('is refused behind a file', async () => {
    const twice = Buffer.concat([made('delta.arrow'), made('delta.arrow')]);
    expect(await codeOf(split(twice))).toBe('arrow-footer');
    expect(await codeOf(split(twice, { pipe: true }))).toMatch(/^arrow-(footer|truncated)$/);
  });

  it('is refused where file and stream are mixed up', async () => {
    expect(await codeOf(split(made('delta.arrow'), { container: 'arrows' }))).toBe('arrow-container');
    expect(await codeOf(split(made('delta.arrows'), { container: 'arrow' }))).toBe('arrow-container');
    expect(await codeOf(split(Buffer.from('FEA1 and the rest of it'), { container: 'arrow' }))).toBe('arrow-container');
    expect(await codeOf(split(Buffer.from('age,income\n1,2\n'), { container: 'arrows' }))).toBe('arrow-container');
  });

  it('is refused in a footer that lists fewer batches than there are', async () => {
    const bytes = made('delta.arrow').slice();
    const view = new DataView(bytes.buffer);
    const footerAt = bytes.length - 10 - view.getInt32(bytes.length - 10, true);
    const counts: number[] = [];
    // The vector of record batches is the one whose first block is a known batch.
    const { chunks } = await split(bytes);
    for (let at = footerAt; at < bytes.length - 18; at += 4) {
      if (view.getUint32(at, true) === chunks.length && Number(view.getBigInt64(at + 4, true)) === chunks[0]!.offset) counts.push(at);
    }
    expect(counts).toHaveLength(1);
    view.setUint32(counts[0]!, chunks.length - 1, true);
    for (const options of [{}, { forward: true }, { pipe: true }]) expect(await codeOf(split(bytes, options))).toBe('arrow-footer');
  });

  it('a Polars file comes from a pipe', async () => {
    expect(await codeOf(split(made('polars.arrow'), { pipe: true }))).toBe('arrow-not-streamable');
  });
});
