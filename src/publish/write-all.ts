import { OutputError } from '../errors/errors.js';

/** The part of a FileHandle that is written to. */
export interface ByteWriter {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
}

/**
 * Writes all of `bytes`. The system may take less than it is given and call that a success, as it does on a disk that is nearly full: so the count of
 * every write is checked, and what is left is offered again. A write that takes nothing is an error (`write-failed`, 74), not an endless loop.
 *
 * @param onProgress told the bytes that each write took, in order.
 */
export async function writeAll(file: ByteWriter, bytes: Uint8Array, name: string, onProgress: (taken: Uint8Array) => void): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    if (!Number.isInteger(bytesWritten) || bytesWritten <= 0 || bytesWritten > bytes.length - at) {
      throw new OutputError(
        'write-failed',
        `cannot write '${name}': the system took ${bytesWritten} of ${bytes.length - at} bytes and gave no reason`,
        {
          status: 'io',
          place: { file: name },
          fix: 'Check that the device has space and no faults, and run again.',
          details: { expected: bytes.length - at, found: bytesWritten },
        },
      );
    }
    onProgress(bytes.subarray(at, at + bytesWritten));
    at += bytesWritten;
  }
}
