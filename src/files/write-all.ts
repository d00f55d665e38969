/** The part of a FileHandle that is written to. */
export interface ByteWriter {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
}

/** The system took nothing of a write and gave no reason: as final as any error of its own. */
export class ShortWriteError extends Error {
  readonly code = 'SHORT_WRITE';

  constructor(taken: number, offered: number) {
    super(`the system took ${taken} of ${offered} bytes and gave no reason`);
  }
}

/**
 * Writes all of `bytes`. The system may take less than it is given and call that a success, as it does on a disk that is nearly full: so the count of
 * every write is checked, and what is left is offered again. A write that takes nothing is a ShortWriteError, not an endless loop.
 *
 * @param onProgress told the bytes that each write took, in order.
 */
export async function writeAll(file: ByteWriter, bytes: Uint8Array, onProgress: (taken: Uint8Array) => void = () => undefined): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    const { bytesWritten } = await file.write(bytes, at, left);
    if (!Number.isInteger(bytesWritten) || bytesWritten <= 0 || bytesWritten > left) throw new ShortWriteError(bytesWritten, left);
    onProgress(bytes.subarray(at, at + bytesWritten));
    at += bytesWritten;
  }
}
