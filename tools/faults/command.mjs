// The built command in a process group of its own, under faults or not, in the environment that cron gives.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { shimEnvironment } from './shim.mjs';

export const ROOT = resolve(import.meta.dirname, '..', '..');
export const BIN = join(ROOT, 'bin', 'scoreline.js');

/** Longer than any run takes on a busy machine: what is still there then hangs, which is a violation of its own. */
const HANG_MS = 120_000;
let started = 0;

/**
 * @typedef {object} Ended
 * @property {number | null} status
 * @property {NodeJS.Signals | null} signal
 * @property {Buffer} stdout
 * @property {string} stderr
 * @property {number} calls counted by the shim
 * @property {number} ms
 * @property {boolean} hung
 */

/**
 * @typedef {object} Start
 * @property {string} cwd
 * @property {Partial<import('./shim.mjs').Faults>} [faults] `folder` and `counter` are filled in
 * @property {Record<string, string>} [env]
 * @property {Uint8Array | string | 'pipe'} [stdin] default: nothing
 * @property {string} [bin] another build of the command
 * @property {number} [hangMs]
 */

/**
 * Starts the command.
 * @param {readonly string[]} args
 * @param {Start} start
 */
export function start(args, { cwd, faults, env = {}, stdin, bin = BIN, hangMs = HANG_MS }) {
  return startProcess(process.execPath, [bin, ...args], { cwd, faults, env, stdin, hangMs });
}

/** Runs the command to its end. @returns {Promise<Ended>} */
export function run(args, options) {
  return start(args, options).ended;
}

/** Starts any command in a group of its own; whatever of the group is left at its end is ended, too. */
export function startProcess(command, args, { cwd, faults, env = {}, stdin, hangMs = HANG_MS }) {
  const counter = faults === undefined ? undefined : `${cwd}.calls-${++started}`;
  if (counter !== undefined) writeFileSync(counter, Buffer.alloc(8));
  const begun = performance.now();
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: {
      PATH: process.env.PATH ?? '',
      UV_USE_IO_URING: '0',
      UV_THREADPOOL_SIZE: '1',
      ...(faults === undefined ? {} : shimEnvironment({ folder: cwd, counter, ...faults })),
      ...env,
    },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const stdout = [];
  const stderr = [];
  child.stdout.on('data', (piece) => stdout.push(piece));
  child.stderr.on('data', (piece) => stderr.push(piece));
  child.stdin?.on('error', () => undefined); // the command may end before it has read all
  if (stdin !== undefined && stdin !== 'pipe') child.stdin.end(stdin);
  let hung = false;
  const alarm = setTimeout(() => {
    hung = true;
    signalGroup(child.pid, 'SIGKILL');
  }, hangMs);
  const ended = new Promise((fulfil, reject) => {
    child.on('error', reject);
    // Not `close`: what a killed command leaves running may hold its pipes.
    child.on('exit', () => setTimeout(() => child.stdout.destroy() && child.stderr.destroy(), 5000).unref());
    child.on('close', (status, signal) => {
      clearTimeout(alarm);
      const calls = counter === undefined ? 0 : Number(readFileSync(counter).readBigUInt64LE());
      if (counter !== undefined) rmSync(counter);
      fulfil({
        status,
        signal,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
        calls,
        ms: performance.now() - begun,
        hung,
      });
    });
  });
  return { child, ended, counter };
}

/** Signals every process of a group that we started; a group that is gone is no fault. */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
