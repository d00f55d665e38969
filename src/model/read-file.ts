import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { ModelError, type ErrorContext } from '../errors/errors.js';
import { openFilesError } from '../errors/open-files.js';

/** The largest model that is read unless told otherwise: what a protobuf message can be. */
export const LARGEST_MODEL_BYTES = 2 ** 31 - 1;

export interface ModelFile {
  readonly bytes: Uint8Array;
  /** Hex digest of the file as it is on the disk. */
  readonly sha256: string;
}

/**
 * Reads a model file whole. Throws ModelError: `model-missing` (66), `model-permission` (77), `model-not-a-file`, `model-too-large`,
 * `model-unreadable` (74), and `too-many-open-files` (74).
 */
export async function readModelFile(path: string, maxBytes = LARGEST_MODEL_BYTES): Promise<ModelFile> {
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isFIFO()) {
      const kind = found.isDirectory() ? 'a folder' : 'no ordinary file';
      throw new ModelError('model-not-a-file', `model ${quoted(path)} is ${kind}, expected an ONNX file`, {
        place: { file: path },
        fix: 'Give the path of an ONNX file with --model.',
      });
    }
    const largest = Math.min(maxBytes, LARGEST_MODEL_BYTES);
    if (found.size > largest) throw tooLarge(path, found.size, largest);
    const bytes = found.isFIFO() ? await readPipe(path, largest) : await readFile(path);
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    throw asModelError(error, path);
  }
}

/** What the system said to the reading of a model, as an error of ours; errors of ours, and what is no error of the system, pass through. */
export function asModelError(error: unknown, path: string): unknown {
  if (error instanceof ModelError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  const context: ErrorContext = { place: { file: path }, cause: error };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ModelError('model-missing', `model ${quoted(path)} does not exist`, {
        ...context,
        status: 'missing',
        fix: 'Give the path of an ONNX file with --model.',
      });
    case 'EACCES':
    case 'EPERM':
      return new ModelError('model-permission', `model ${quoted(path)} may not be read`, {
        ...context,
        status: 'permission',
        fix: 'Give the user that runs scoreline leave to read it.',
      });
    case 'ERR_FS_FILE_TOO_LARGE':
      return tooLarge(path, undefined, LARGEST_MODEL_BYTES);
    case '':
      return error;
    default:
      return (
        openFilesError(error) ??
        new ModelError('model-unreadable', `model ${quoted(path)} cannot be read: ${error.message}`, {
          ...context,
          status: 'io',
          fix: 'Check the disk that it is on, then run again.',
        })
      );
  }
}

/** A pipe does not say how much is coming. */
async function readPipe(path: string, largest: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largest) throw tooLarge(path, undefined, largest);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

function tooLarge(path: string, size: number | undefined, largest: number): ModelError {
  const found = size === undefined ? 'more' : `${size} bytes`;
  const own = largest === LARGEST_MODEL_BYTES;
  return new ModelError('model-too-large', `model ${quoted(path)} is too large: found ${found}, expected at most ${own ? '2 GiB' : `${largest} bytes`}`, {
    place: { file: path },
    fix: own ? 'An ONNX file cannot be larger than 2 GiB: export the model with fewer or smaller weights.' : 'Raise --max-model-size if this is the model that is meant.',
    details: { largest, ...(size === undefined ? {} : { found: size }) },
  }); // prettier-ignore
}

/** Longer names are cut in messages. */
const LONGEST_NAME = 200;

/** A name in double quotes, with control characters and quotes escaped, for messages. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
}
