import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { works } from '../publish/run-child.js';
import { COMMAND, fixture, tempFolder } from '../support/command.js';

const canMount = works('unshare -Urm sh -c "mount -t tmpfs none /mnt"');

describe.runIf(canMount)('a disk that was full', () => {
  test.each([220, 300, 420])('of %i KB, and has room again: the same command goes on, and ends as if nothing had been', (kilobytes) => {
    const folder = tempFolder();
    const input = join(folder, 'in.csv');
    writeFileSync(input, `${readFileSync(fixture('adult/adult.csv'), 'utf8').split('\n').slice(0, 3001).join('\n')}\n`); // prettier-ignore
    const common = `score -m ${fixture('adult/adult.onnx')} --contract none ${input} --keep all --prefix p_ --chunk-size 20000 --checkpoint-every 0ms`;
    const script = `
      mount -t tmpfs -o size=${kilobytes}k none /mnt
      "$NODE" "$COMMAND" ${common} -o /mnt/out.csv; echo "first $?"
      mount -o remount,size=20m /mnt
      "$NODE" "$COMMAND" ${common} -o /mnt/out.csv -v; echo "second $?"
      "$NODE" "$COMMAND" ${common} -o /mnt/whole.csv --resume never; echo "third $?"
      cmp /mnt/out.csv /mnt/whole.csv && echo same
      ls -A /mnt | grep tmp`;
    const { stdout, stderr } = spawnSync('unshare', ['-Urm', 'bash', '-c', script], {
      env: { PATH: process.env['PATH'] ?? '', NODE: process.execPath, COMMAND },
      encoding: 'utf8',
    });
    expect(stdout.trim().split('\n')).toEqual(['first 74', 'second 0', 'third 0', 'same']);
    expect(stderr).toMatch(/no space left[^]*Free some space[^]*The same command goes on from row [\d,]+\./);
    expect(stderr).toMatch(/resumed +from row/);
  });
});
