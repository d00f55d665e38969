import type { ByteSource } from '#src/format/source.js';

/** Reads a source to its end, in reads of `size` bytes. */
export async function drain(source: ByteSource, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const into = Buffer.alloc(size);
    const count = await source.read(into);
    parts.push(into.subarray(0, count));
    if (count < size) return Buffer.concat(parts);
  }
}
