// The Python side: virtual environments with pinned packages under build/bench, and the models made with them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Path of a Python in the environment `venv` that has the pinned packages, or undefined (having said why) where there is none. */
export function preparePython(venv, requirements, say) {
  const python = `${venv}/bin/python`;
  const stamp = `${venv}/installed-from`;
  const digest = digestOf([requirements]);
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

/** Runs `make` unless it has run for these very files before. */
export function madeFrom(files, stamp, make) {
  const digest = digestOf(files);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  rmSync(stamp, { force: true });
  make();
  writeFileSync(stamp, digest);
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}
