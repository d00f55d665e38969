import type { Writable } from 'node:stream';
import { findSpecial, openSpecial, openStdout } from './special.js';
import type { Sink } from './sink.js';
import { openSpool } from './spool-sink.js';
import { openStage } from './stage.js';
import { openStreamSink } from './stream-sink.js';
import type { LinkOptions } from './target.js';

export interface OutputOptions extends LinkOptions {
  /** Mode of a published file (rejects: 0o600); default: that of the file which it replaces, else by the umask. */
  readonly mode?: number;
  /** An existing file is not replaced. */
  readonly noClobber?: boolean;
  /** Ends the wait for the reader of a FIFO. */
  readonly signal?: AbortSignal;
  /** False: nobody will ask for the digest of what is written straight through. A staged file always has one. */
  readonly hashed?: boolean;
  /** Of a staged file that is given up: whether it stays, for a later run to go on from. */
  readonly keeps?: (cause: Error | undefined) => boolean;
  /** What is written straight through is kept in this folder first, until it is finished. */
  readonly spool?: string;
  /** Of a staged file: told the temp file's path before it is made. */
  readonly announce?: (staged: string, path: string) => Promise<void>;
  /** Of a staged file beside an output: that output, see StageOptions. */
  readonly beside?: string;
}

/**
 * Opens the output of a run: `-`, process.stdout and /dev/stdout are stdout; FIFOs, devices and streams are written straight through; every other
 * path is staged. Throws as openStage and openSpecial.
 */
export async function openOutput(target: string | Writable, options: OutputOptions = {}): Promise<Sink> {
  if (options.spool !== undefined && (await isSpecialOutput(target, options))) return openSpool(await openStraight(target, options), options.spool);
  return openStraight(target, options);
}

async function openStraight(target: string | Writable, options: OutputOptions): Promise<Sink> {
  const hashed = options.hashed ?? true;
  if (target === '-' || target === process.stdout) return openStdout(hashed);
  if (target === process.stderr) return openStreamSink(process.stderr, 'stderr', { keepOpen: true, hashed });
  if (typeof target !== 'string') return openStreamSink(target, 'stream', { handsOn: true, hashed });
  const special = await findSpecial(target, options);
  return special === undefined ? openStage(target, { ...options, hashed: true }) : openSpecial(special, target, options);
}

/** True where an output is not staged: it gets no rejects file and no journal unless they are named. */
export async function isSpecialOutput(target: string | Writable, links: LinkOptions = {}): Promise<boolean> {
  return target === '-' || typeof target !== 'string' || (await findSpecial(target, links)) !== undefined;
}
