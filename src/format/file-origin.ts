import { constants, open as openCallback } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { InputError, type ErrorContext, type ScorelineError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { readError, type Origin } from './origin.js';
import { openPipeOrigin } from './pipe-origin.js';

/** A bare descriptor: a FileHandle would close it when collected. */
const openDescriptor = promisify<string, number, number>(openCallback);

/**
 * Opens a file, FIFO or device. A file must end as long as it was at the start, and unchanged: else it was still being written, and the end of it is none
 * (`input-changed`). FIFOs and devices have no size and count as pipes.
 */
export async function openFileOrigin(path: string): Promise<Origin> {
  let handle: FileHandle;
  try {
    // A plain open(2) of a FIFO holds a thread until a writer comes. This one does not wait, and its end is none before there was a writer (fifo(7), poll(2)).
    if ((await stat(path)).isFIFO()) return openPipeOrigin(await openDescriptor(path, constants.O_RDONLY | constants.O_NONBLOCK), path);
    handle = await open(path, 'r');
  } catch (error) {
    throw asOpenError(path, error);
  }
  try {
    return await originOf(path, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function originOf(path: string, handle: FileHandle): Promise<Origin> {
  const opened = await handle.stat();
  if (opened.isDirectory()) throw directoryError(path);
  // Files of /proc are regular files of size 0 with content: their size says nothing.
  const size = opened.isFile() && opened.size > 0 ? opened.size : undefined;
  let position = 0;
  return {
    name: path,
    size,
    isPipe: !opened.isFile(),
    async pull(into) {
      const count = await readSome(path, handle, into, null);
      position += count;
      if (count > 0 || size === undefined) return count;
      const now = await handle.stat();
      if (position !== size || now.size !== size || now.mtimeMs !== opened.mtimeMs) throw changedError(path, size, position);
      return 0;
    },
    ...(size === undefined ? {} : { readAt: (into: Uint8Array, from: number) => readAt(path, handle, into, from) }),
    close: () => handle.close(),
  };
}

/** One read may give less than there is. */
async function readAt(path: string, handle: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const count = await readSome(path, handle, into.subarray(filled), position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** Reads on, or from an absolute position, which leaves the place where reading goes on as it is. */
async function readSome(path: string, handle: FileHandle, into: Uint8Array, from: number | null): Promise<number> {
  try {
    return (await handle.read(into, 0, into.length, from)).bytesRead;
  } catch (error) {
    if (systemCode(error) === 'EISDIR') throw directoryError(path);
    throw readError(path, error);
  }
}

/** What the system said to the opening of an input: `input-missing` (66), `input-permission` (77), `input-is-directory`, `read-failed` or `too-many-open-files` (74). */
export function asOpenError(path: string, error: unknown): ScorelineError {
  const context: ErrorContext = { place: { file: path }, cause: error };
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError('input-missing', `there is no file ${path}`, {
        ...context,
        status: 'missing',
        fix: 'Check the path; `-` reads from stdin.',
      });
    case 'EACCES':
    case 'EPERM':
      return new InputError('input-permission', `${path} may not be read`, {
        ...context,
        status: 'permission',
        fix: 'Give this user read permission on the file and its folders.',
      });
    case 'EISDIR':
      return directoryError(path);
    default:
      return readError(path, error);
  }
}

function directoryError(path: string): InputError {
  return new InputError('input-is-directory', `found a folder, expected a file: ${path}`, { place: { file: path }, fix: 'Name one file of it.' });
}

function changedError(path: string, size: number, position: number): InputError {
  return new InputError('input-changed', `${path} changed while it was read: found ${position} bytes at its end, it had ${size} at the start`, {
    place: { file: path, byte: position },
    fix: 'Wait until the file is complete, or have it written under another name and renamed.',
  });
}
