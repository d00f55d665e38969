import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { hashFile } from '../files/hash-file.js';
import { stampOf, type Stamp } from './inputs.js';

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
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(systemCode(error))) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) return undefined;
    const { sha256 } = await hashFile(file, signal);
    const [was, is] = [stampOf(before), stampOf(await file.stat({ bigint: true }))];
    const changed = was.bytes !== is.bytes || was.mtimeNs !== is.mtimeNs;
    return changed ? undefined : { sha256, stamp: is };
  } finally {
    await file.close();
  }
}
