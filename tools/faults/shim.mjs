// Builds the shim (shim.c) with the machine's C compiler, once for each text of it, and says in the environment what it shall do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SOURCE = join(import.meta.dirname, 'shim.c');
const BUILD = resolve(import.meta.dirname, '..', '..', 'build', 'faults');

/** Path of the built shim. Throws where there is no C compiler: a fault that is not injected proves nothing. */
export function buildShim() {
  const digest = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 12);
  const path = join(BUILD, `shim-${digest}.so`);
  if (existsSync(path)) return path;
  mkdirSync(BUILD, { recursive: true });
  const fresh = `${path}.${process.pid}`;
  const done = spawnSync('cc', ['-O1', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', fresh, SOURCE, '-ldl'], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`cannot build the shim: ${done.error?.message ?? done.stderr}`);
  renameSync(fresh, path);
  return path;
}

/**
 * What the shim shall do to a process and all it starts.
 * @typedef {object} Faults
 * @property {string} folder real path; only calls on files below it count
 * @property {string} [counter] file of 8 bytes that all processes count in; without it each counts for itself
 * @property {number} [at] number of the call to act at, from 1
 * @property {number} [until] number of the last call to act at; default `at`
 * @property {string} [act] kill, tear, killgroup, segv, stop, short, spent, cheat, ENOSPC, EIO, EDQUOT, EROFS
 * @property {string} [lie] of `file`, `folder`: syncs that are claimed and not done
 * @property {string} [trace] file for the record of every call
 */

/** @param {Faults} faults */
export function shimEnvironment(faults) {
  const entries = Object.entries(faults).map(([key, value]) => [`FAULTS_${key.toUpperCase()}`, String(value)]);
  return { LD_PRELOAD: buildShim(), ...Object.fromEntries(entries) };
}
