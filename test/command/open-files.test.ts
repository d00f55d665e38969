import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND, fixture, tempFolder } from '../support/command.js';

test('too small a limit on open files is said as such, wherever it is met', () => {
  const nothing = join(tempFolder(), 'nothing.js');
  writeFileSync(nothing, '');
  const statuses = new Set<number | null>();
  for (const files of [20, 24, 28, 36, 48, 1024]) {
    const line = `ulimit -n ${files}; exec "$0" "$@"`;
    const args = [COMMAND, 'score', '-m', fixture('types', 'single.onnx'), fixture('types', 'types.csv'), '--keep', 'id'];
    const run = (...given: string[]) => spawnSync('bash', ['-c', line, process.execPath, ...given], { encoding: 'utf8' });
    if (run(nothing).status !== 0) continue; // Node itself does not start
    const { status, stderr } = run(...args);
    statuses.add(status);
    const said = stderr.split('\n').filter((each) => each !== '');
    // Threads meet the limit at the same time: Node may have a warning of its own, but nobody sees a stack.
    const ours = said.filter((each) => !each.startsWith('(node:') && !each.startsWith('(Use `node'));
    if (status === 0) expect([files, ours]).toEqual([files, []]);
    else expect([files, status, ours.at(-1), ours.length]).toEqual([files, 74, '  code:  too-many-open-files (exit status 74)', 3]);
  }
  expect([...statuses]).toEqual([74, 0]);
});
