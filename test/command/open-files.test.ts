import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, fixture, tempFolder } from '../support/command.js';

describe('too small a limit on open files is said as such, wherever it is met', () => {
  test.each(['stdout', 'a file that is locked'])('on the way to %s', (to) => {
    const folder = tempFolder();
    const output = to === 'stdout' ? [] : ['-o', join(folder, 'scores.csv')];
    const nothing = join(folder, 'nothing.js');
    writeFileSync(nothing, '');
    const statuses = new Set<number | null>();
    for (const files of to === 'stdout' ? [20, 24, 28, 36, 1024] : [24, 26, 1024]) {
      const line = `ulimit -n ${files}; exec "$0" "$@"`;
      const args = [COMMAND, 'score', '-m', fixture('types', 'single.onnx'), fixture('types', 'types.csv'), '--keep', 'id', ...output];
      const run = (...given: string[]) => spawnSync('bash', ['-c', line, process.execPath, ...given], { encoding: 'utf8' });
      if (run(nothing).status !== 0) continue; // Node itself does not start
      const { status, stderr } = run(...args);
      statuses.add(status);
      const said = stderr.split('\n').filter((each) => each !== '');
      // Threads meet the limit at the same time: Node and ONNX Runtime may have a line of their own, but nobody sees a stack.
      const ours = said.filter((each) => !/^(\(node:|\(Use `node|Error in cpuinfo:)/.test(each));
      if (status === 0) expect([files, ours]).toEqual([files, []]);
      else expect([files, status, ours.at(-1), ours.length]).toEqual([files, 74, '  code:  too-many-open-files (exit status 74)', 3]);
    }
    expect([...statuses]).toEqual([74, 0]);
  });
});
