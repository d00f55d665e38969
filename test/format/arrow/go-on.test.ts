import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { made } from './fixtures.js';
import { rewrite, split } from './support.js';

const SOURCES = ['replaced.arrows', 'delta.arrows', 'delta.arrow', 'all-types.arrows'];

/** A run that dies before some chunks, and whose rows are rejected here and there: whole chunks of them, too. */
const courses = fc.record({
  name: fc.constantFrom(...SOURCES),
  container: fc.constantFrom('file' as const, 'stream' as const),
  compression: fc.constantFrom(undefined, 'lz4' as const, 'zstd' as const),
  chunkBytes: fc.constantFrom(1, 400, 2 ** 20),
  dies: fc.infiniteStream(fc.boolean()).map((stream) => {
    const taken: boolean[] = [];
    return (index: number): boolean => {
      while (taken.length <= index) taken.push(stream.next().value ?? false);
      return taken[index] ?? false;
    };
  }),
  reject: fc.uniqueArray(fc.nat(14)).map((rows) => (row: number) => rows.includes(row)),
});

describe('an Arrow output that another run goes on with', () => {
  it('ends as one that was written in one go, with and without dictionaries and compression, file and stream', async () => {
    await fc.assert(
      fc.asyncProperty(courses, async ({ name, dies, compression, ...options }) => {
        const whole = { ...options, ...(compression === undefined ? {} : { compression }) };
        const expected = await rewrite(made(name), whole);
        expect(Buffer.from(await rewrite(made(name), { ...whole, dies })).equals(expected)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it.each(SOURCES)('of %s does so when it dies before every chunk', async (name) => {
    for (const container of ['file', 'stream'] as const) {
      const options = { container, chunkBytes: 1, reject: (row: number) => row < 3 || row % 5 === 4 };
      expect(Buffer.from(await rewrite(made(name), { ...options, dies: () => true })).equals(await rewrite(made(name), options))).toBe(true);
    }
    expect((await split(made(name), { chunkBytes: 1 })).chunks.length).toBeGreaterThan(0);
  });
});
