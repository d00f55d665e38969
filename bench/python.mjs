// The Python side: a virtual environment with pinned packages under build/bench/venv, and the models made with it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Path of a Python that has the pinned packages, or undefined (having said why) where there is none. */
export function preparePython(folder, requirements, say) {
  const venv = join(folder, 'venv');
  const python = join(venv, 'bin', 'python');
  const stamp = join(venv, 'installed-from');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return python;

  rmSync(venv, { recursive: true, force: true });
  say('python: installing the pinned packages of the contenders ...');
  const steps = [
    ['python3', '-m', 'venv', venv],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
  ];
  for (const [command, ...args] of steps) {
    const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    if (done.error || done.status !== 0) {
      say(
        `python: skipped, \`${[command, ...args.slice(0, 3)].join(' ')} ...\` failed: ${(done.error?.message ?? done.stderr).trim().split('\n').at(-1)}`,
      );
      return undefined;
    }
  }
  writeFileSync(stamp, digest);
  return python;
}
