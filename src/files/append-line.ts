import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { writeAll } from './write-all.js';

/**
 * Appends one line to a file that several processes may append to, and syncs it. The line goes in one write, which the kernel does not mix with another's; after a line that a crash
 * has cut off it begins on one of its own. The file is made where it is not there (0644 less the umask).
 *
 * @param line without its newline.
 * @param accepts what the first bytes of a file that is not empty must be, so that no other file is ever appended to.
 * @throws what the system says; NotOursError.
 */
export async function appendLine(path: string, line: string, accepts: (head: string) => boolean): Promise<void> {
  // O_NONBLOCK: a FIFO that nobody reads must not hold us here.
  const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o644);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new NotOursError('it is no plain file');
    if (found.size > 0 && !accepts(await head(file))) throw new NotOursError('it holds something else');
    const torn = found.size > 0 && (await byteAt(file, found.size - 1)) !== NEWLINE;
    await writeAll(file, Buffer.from(`${torn ? '\n' : ''}${line}\n`));
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A file that was named to be written to is not of the kind that may be. */
export class NotOursError extends Error {
  readonly code = 'NOT_OURS';
}

const NEWLINE = 10;
/** Enough to know a file by. */
const HEAD_BYTES = 64;

async function head(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

async function byteAt(file: FileHandle, position: number): Promise<number | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, position);
  return bytesRead === 1 ? buffer[0] : undefined;
}
