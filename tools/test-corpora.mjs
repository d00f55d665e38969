// npm run test:corpora: the tests over real material that may not ship with the project. It stands beside the project, in ../shared; where it
// does not, this fails: a suite that was not run is not a suite that passed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const material = resolve(root, '..', 'shared', 'data');

if (existsSync(material)) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const done = spawnSync(process.execPath, [vitest, 'run', '--mode', 'corpora', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  process.exitCode = done.status ?? 1;
} else {
  process.stderr.write('test:corpora: needs the corpora in ../shared/data beside the project; `npm test` runs without them\n');
  process.exitCode = 1;
}
