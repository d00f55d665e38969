import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../errors/system-code.js';

/** Which process: a pid alone is given to another one sooner or later. What a system without /proc does not tell is an empty text. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Another one after each boot. */
  readonly bootId: string;
  /** Clock ticks since boot. */
  readonly startTime: string;
  /** As /proc names it (`pid:[4026531836]`): a container counts its processes for itself. */
  readonly pidNamespace: string;
  /** A digest of machine id and host name: tells machines apart that share a filesystem, without giving the id away. */
  readonly host: string;
}

/** This process, as a later one may look for it. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, bootId: bootId(), startTime: startTimeOf(process.pid) ?? '', pidNamespace: pidNamespace(), host: host() };
}

/**
 * What became of a process, as far as this one can know. `died`: this boot and this pid namespace have no such process any more. `rebooted`: its machine, which is
 * this one, has been started anew. `unknown`: another machine, or another container on it; only a lock can tell.
 */
export type Fate = 'alive' | 'died' | 'rebooted' | 'unknown';

/** Is it this very process? */
export function isThisProcess({ pid, bootId, startTime, pidNamespace }: ProcessIdentity): boolean {
  const own = thisProcess();
  return pid === own.pid && startTime === own.startTime && pidNamespace === own.pidNamespace && bootId === own.bootId;
}

/** The fate of a process that wrote its identity down. */
export function fateOf(known: ProcessIdentity): Fate {
  if (known.host !== host()) return 'unknown';
  if (known.bootId !== bootId()) return known.bootId === '' ? 'unknown' : 'rebooted';
  if (known.pidNamespace !== pidNamespace()) return 'unknown';
  // No /proc on this system: the pid alone has to do.
  if (known.startTime === '') return answersSignal(known.pid) ? 'alive' : 'died';
  return startTimeOf(known.pid) === known.startTime ? 'alive' : 'died';
}

/** The inverse of JSON for an identity; undefined for anything else. */
export function asProcessIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, ...texts } = value as Record<keyof ProcessIdentity, unknown>;
  const { bootId, startTime, pidNamespace, host } = texts;
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined;
  if (typeof bootId !== 'string' || typeof startTime !== 'string' || typeof pidNamespace !== 'string' || typeof host !== 'string') return undefined;
  return { pid: pid as number, bootId, startTime, pidNamespace, host };
}

function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id').trim();
}

/** Undefined where there is no such process; a zombie is none any more: it has closed its files and does nothing. */
function startTimeOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The 3rd and the 22nd field; the 2nd is the command in brackets and may hold blanks itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function host(): string {
  return createHash('sha256')
    .update(`${read('/etc/machine-id').trim()}\n${hostname()}`)
    .digest('hex')
    .slice(0, 16);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
