import { createReadStream, type ReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const PIECE_BYTES = 256 * 1024;
const GZIP = [0x1f, 0x8b] as const;

/**
 * The bytes of a journal file: of a plain one, of one that logrotate has compressed (known by its first bytes, whatever its name), or of stdin (`-`).
 * Throws what reading and unpacking throw.
 */
export async function* readSource(path: string): AsyncGenerator<Buffer, void, undefined> {
  const stream = path === '-' ? createReadStream('', { fd: 0, autoClose: false, highWaterMark: PIECE_BYTES }) : open(path);
  try {
    const pieces: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
    const first = await pieces.next();
    if (first.done === true) return;
    const all = withFirst(first.value, pieces);
    yield* isGzip(first.value) ? gunzip(all) : all;
  } finally {
    stream.destroy();
  }
}

function open(path: string): ReadStream {
  return createReadStream(path, { highWaterMark: PIECE_BYTES });
}

function isGzip(piece: Buffer): boolean {
  return GZIP.every((byte, index) => piece[index] === byte);
}

async function* withFirst(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Written by hand instead of by `pipeline`: the reader may stop in the midst. */
async function* gunzip(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const unpacked = createGunzip({ chunkSize: PIECE_BYTES });
  const feeding = feed(pieces, unpacked);
  feeding.catch((error: unknown) => unpacked.destroy(error as Error));
  try {
    for await (const piece of unpacked) yield piece as Buffer;
    await feeding;
  } finally {
    unpacked.destroy();
  }
}

async function feed(pieces: AsyncIterable<Buffer>, into: ReturnType<typeof createGunzip>): Promise<void> {
  for await (const piece of pieces) {
    if (into.destroyed) return;
    if (!into.write(piece)) await new Promise<void>((resume) => into.once('drain', resume).once('close', resume));
  }
  into.end();
}
