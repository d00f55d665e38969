import { open as openCallback, constants, fstatSync, type Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { InterruptedError, OutputError } from '../errors/errors.js';
import { openDeviceSink } from './device-sink.js';
import { systemCode } from '../errors/system-code.js';
import { outputFailure } from './failure.js';
import type { Sink } from './sink.js';
import { openStreamSink } from './stream-sink.js';
import { realTarget, sameFile, type LinkOptions } from './target.js';

/** A bare descriptor: a FileHandle would close it when collected. */
const openDescriptor = promisify<string, number, number>(openCallback);

/** What an output is that cannot be staged: one of our own descriptors, or a file that is not a regular one. */
export type Special = { readonly kind: 'descriptor'; readonly descriptor: number } | { readonly kind: 'fifo' | 'device'; readonly path: string };

/**
 * What is special about an output path, or undefined for a regular file, present or to be. `/dev/stdout`, `/dev/fd/3` and links to them are descriptors,
 * even where the shell has sent them to a file: replacing that file would leave the shell with the old one. Throws OutputError (`output-special`, 73)
 * for sockets and block devices, and as realTarget.
 */
export async function findSpecial(target: string, links: LinkOptions = {}): Promise<Special | undefined> {
  const path = await realTarget(target, links);
  const own = new RegExp(`^/proc/${process.pid}/(?:task/\\d+/)?fd/(\\d+)$`).exec(path)?.[1];
  if (own !== undefined) return { kind: 'descriptor', descriptor: Number(own) };
  const found = await (links.followLinks === false ? lstat : stat)(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory() || found.isSymbolicLink()) return undefined;
  if (found.isFIFO()) return { kind: 'fifo', path };
  if (found.isCharacterDevice()) return { kind: 'device', path };
  throw new OutputError(
    'output-special',
    `cannot create '${target}': expected a file or a pipe, found a ${found.isSocket() ? 'socket' : 'block device'}`,
    {
      place: { file: target },
      fix: 'Name a file, a FIFO, or - for stdout.',
    },
  );
}

/** Would a path be written where stdout goes: by its names, or as the file that the shell has sent it to? What cannot be told is not; its opening says why. */
export async function isStdout(target: string): Promise<boolean> {
  if (target === '-') return true;
  const special = await findSpecial(target).catch(() => undefined);
  return special?.kind === 'descriptor' ? special.descriptor === 1 : await sameFile(1, target);
}

export interface SpecialOptions {
  /** Ends the wait for the reader of a FIFO. */
  readonly signal?: AbortSignal;
  /** False: nobody will ask for a digest. */
  readonly hashed?: boolean;
}

/** A sink that writes straight through to what findSpecial found. A FIFO waits for its reader, until `signal`. */
export async function openSpecial(special: Special, name: string, { signal, hashed = true }: SpecialOptions = {}): Promise<Sink> {
  try {
    if (special.kind === 'descriptor') return openOwn(special.descriptor, name, hashed);
    if (special.kind === 'device')
      return openDeviceSink(await openDescriptor(special.path, constants.O_WRONLY | constants.O_NOCTTY), name, false, hashed);
    return openStreamSink(openPipe(await openFifo(special.path, name, signal)), name, { hashed });
  } catch (error) {
    throw outputFailure(error, { name, action: 'create' });
  }
}

/** The sink of stdout, which is flushed and never closed. */
export function openStdout(hashed: boolean): Sink {
  return openOwn(1, 'stdout', hashed);
}

function openOwn(descriptor: number, name: string, hashed: boolean): Sink {
  const kind: Stats = fstatSync(descriptor);
  const blocks = !isatty(descriptor) && !kind.isFIFO() && !kind.isSocket();
  if (blocks) return openDeviceSink(descriptor, name, true, hashed);
  if (descriptor === 1) return openStreamSink(process.stdout, name, { keepOpen: true, hashed });
  if (descriptor === 2) return openStreamSink(process.stderr, name, { keepOpen: true, hashed });
  return openStreamSink(openPipe(descriptor), name, { hashed });
}

function openPipe(descriptor: number): Socket {
  return new Socket({ fd: descriptor, readable: false, writable: true });
}

/**
 * A plain open(2) of a FIFO blocks its thread until a reader comes, and the process could not end meanwhile. With O_NONBLOCK it says ENXIO instead,
 * so it is asked again now and then.
 */
async function openFifo(path: string, name: string, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    if (signal?.aborted === true) throw new InterruptedError('interrupted', `stopped while waiting for a reader of '${name}'`);
    try {
      return await openDescriptor(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (systemCode(error) !== 'ENXIO') throw error;
    }
    await wait(20);
  }
}
