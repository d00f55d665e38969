import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { stampOf, type Stamp } from './inputs.js';

const PIECE_BYTES = 1 << 20;

export interface Digested {
  /** Hex. */
  readonly sha256: string;
  /** Of the file that was read, the same before and after. */
  readonly stamp: Stamp;
}

/**
 * The digest of a regular file. A link is not followed, unless that is wanted, and a pipe is not waited for. Undefined where it is not (or no longer) such a file, or
 * changed meanwhile. Throws what the system says otherwise, and the signal's reason.
 */
export async function digestFile(path: string, signal: AbortSignal, followLinks = false): Promise<Digested | undefined> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (followLinks ? 0 : constants.O_NOFOLLOW);
  const file = await open(path, flags).catch((error: unknown) => {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(codeOf(error))) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) return undefined;
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
    }
    const [was, is] = [stampOf(before), stampOf(await file.stat({ bigint: true }))];
    const changed = was.bytes !== is.bytes || was.mtimeNs !== is.mtimeNs;
    return changed ? undefined : { sha256: hash.digest('hex'), stamp: is };
  } finally {
    await file.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
