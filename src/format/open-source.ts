import type { Readable } from 'node:stream';
import { openFileOrigin } from './file-origin.js';
import { ForwardSource } from './forward-source.js';
import type { ByteSource } from './source.js';
import { openStdinOrigin } from './stdin-origin.js';
import { openStreamOrigin } from './stream-origin.js';

export interface SourceOptions {
  /** False: nobody will ask for a digest. */
  readonly hashed?: boolean;
}

/**
 * Opens an input: a path, `-` for stdin, or any Node stream of bytes. A path that is a FIFO or a device counts as a pipe.
 * Errors: `input-missing` (66), `input-permission` (77), `input-is-directory` (65), `read-failed` (74), `stream-used` (64). The caller closes the source.
 */
export async function openSource(input: string | Readable, options: SourceOptions = {}): Promise<ByteSource> {
  if (input === '-') return new ForwardSource(openStdinOrigin(), options.hashed ?? true);
  return typeof input === 'string' ? openFileSource(input, options) : openStreamSource(input, 'stream', options);
}

/** Opens a file, FIFO or device by its path; see openSource for the errors. */
export async function openFileSource(path: string, { hashed = true }: SourceOptions = {}): Promise<ByteSource> {
  return new ForwardSource(await openFileOrigin(path), hashed);
}

/** Reads a Node stream; `close` destroys it. Strings are taken as UTF-8; a stream of other objects is a UsageError (`stream-of-objects`). */
export function openStreamSource(stream: Readable, name: string, { hashed = true }: SourceOptions = {}): ByteSource {
  return new ForwardSource(openStreamOrigin(stream, name), hashed);
}
