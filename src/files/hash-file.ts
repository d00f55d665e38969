import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** What a file held when it was read. */
export interface FileDigest {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

const PIECE_BYTES = 1 << 20;

/** The digest of an open file from its first byte to its last, whatever its size, in the memory of one piece. Throws what the system says, and the signal's reason. */
export async function hashFile(file: FileHandle, signal?: AbortSignal): Promise<FileDigest> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let bytes = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
    hash.update(piece.subarray(0, bytesRead));
    bytes += bytesRead;
  }
}
