// One process, measured: wall, CPU, peak memory. GNU time asks the kernel (wait4), which sees what a child cannot say of itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

const TIME = '/usr/bin/time';

/**
 * Runs `command` to its end. Gives seconds, CPU seconds and the peak memory of its biggest process in MB (undefined where GNU time is missing),
 * and the seconds that it says it took inside, where it prints `{"insideSeconds": ...}`. Throws when it fails.
 */
export function measure(command, { cwd, figures, env = {} }) {
  const timed = existsSync(TIME);
  const full = timed ? [TIME, '-f', '%U %S %M', '-o', figures, ...command] : command;
  const start = process.hrtime.bigint();
  const done = spawnSync(full[0], full.slice(1), { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 64 << 20 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${command.join(' ')}\nended with status ${done.status}\n${done.stdout}${done.stderr}`);
  const inside = done.stdout.startsWith('{"insideSeconds"') ? JSON.parse(done.stdout) : {};
  if (!timed) return { seconds, cpuSeconds: undefined, peakMB: undefined, ...inside };
  const [user, system, kilobytes] = readFileSync(figures, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  rmSync(figures);
  return { seconds, cpuSeconds: user + system, peakMB: kilobytes / 1024, ...inside };
}

/** Of a list of numbers: the median and the ends. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}
