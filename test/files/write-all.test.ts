import { expect, test } from 'vitest';
import fc from 'fast-check';
import { writeAll, type ByteWriter } from '#src/files/write-all.js';

/** A file that takes at most so many bytes of each write, one number a write. */
function stingy(taken: readonly number[]): ByteWriter & { readonly content: number[] } {
  const content: number[] = [];
  let call = 0;
  return {
    content,
    write: (bytes, offset, length) => {
      const bytesWritten = Math.min(length, taken[call++] ?? length);
      content.push(...bytes.subarray(offset, offset + bytesWritten));
      return Promise.resolve({ bytesWritten });
    },
  };
}

test('short writes lose nothing and repeat nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.array(fc.integer({ min: 1, max: 9 })), async (bytes, taken) => {
      const file = stingy(taken);
      const progress: number[] = [];
      await writeAll(file, bytes, (part) => progress.push(...part));
      expect(file.content).toEqual([...bytes]);
      expect(progress).toEqual([...bytes]);
    }),
  );
});

test('a write that takes nothing, or more than it was given, is an error', async () => {
  for (const bytesWritten of [0, -1, 11, NaN]) {
    const file: ByteWriter = { write: () => Promise.resolve({ bytesWritten }) };
    await expect(writeAll(file, new Uint8Array(10))).rejects.toMatchObject({
      code: 'SHORT_WRITE',
      message: expect.stringContaining('of 10 bytes') as string,
    });
  }
});
