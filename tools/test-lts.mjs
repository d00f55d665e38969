// npm run test:lts [-- MAJOR]: the test suite under the newest long-term release of Node, which npm serves as a package with the binary inside.
// It is kept in build/node-MAJOR; the packages and the build are the ones that are here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const NEWEST_LTS = '24';
const major = /^\d+$/.test(process.argv[2] ?? '') ? process.argv[2] : NEWEST_LTS;
const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'build', `node-${major}`);
const node = join(folder, 'package', 'bin', 'node');

if (!existsSync(node)) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  must('npm', ['pack', `node-${process.platform}-${process.arch}@${major}`, '--silent', '--pack-destination', folder]);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  must('tar', ['xzf', join(folder, tarball), '-C', folder, 'package/bin/node']);
  rmSync(join(folder, tarball));
}

const found = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
if (found.split('.')[0] !== major) throw new Error(`expected Node ${major}, found ${found}`);
process.stdout.write(`Node ${found}\n`);
// Tests start `node` by process.execPath or from the path: both are this one.
const env = { ...process.env, PATH: `${join(node, '..')}:${process.env.PATH}` };
const args = process.argv.slice(2).filter((arg) => arg !== major);
const done = spawnSync(node, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], { cwd: root, env, stdio: 'inherit' });
process.exitCode = done.status ?? 1;

function must(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${done.status}`);
}
