import { copyFileSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, scoreline, tempFolder } from '../support/command.js';

function place() {
  const folder = tempFolder();
  writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\n');
  copyFileSync(fixture('types', 'single.onnx'), join(folder, 'm.onnx'));
  const commits = (): number => readFileSync(join(folder, 'out.csv.journal.jsonl'), 'utf8').split('"kind":"COMMIT"').length - 1;
  const run = (...more: string[]) => scoreline(['score', '-m', 'm.onnx', 'in.csv', '-o', 'out.csv', '--skip-if-published', ...more], { cwd: folder });
  return { folder, commits, run };
}

describe('score --skip-if-published', () => {
  test('publishes once: the same command again has nothing to do, also without journal', async () => {
    const { folder, commits, run } = place();
    expect((await run()).status).toBe(0);
    const again = await run('-v');
    expect(again.status).toBe(0);
    expect(again.stderr).toMatch(/^scoreline: nothing to do: out\.csv was published from this input before \(run [0-9a-f-]{36}, 20/);
    expect(commits()).toBe(1);
    for (const name of ['out.csv.journal.jsonl', 'out.csv.journal.jsonl.head']) rmSync(join(folder, name));
    expect(await run()).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(folder, 'out.csv.journal.jsonl'))).toBe(false);
  });

  test('scores again where something else was published since, by another option or from another input', async () => {
    const { folder, commits, run } = place();
    await run();
    const first = readFileSync(join(folder, 'out.csv'), 'utf8');
    await run('--prefix', 'p_');
    await run();
    expect(commits()).toBe(3);
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe(first);
  });

  test.each([
    ['is gone', (output: string) => rmSync(output)],
    ['was edited', (output: string) => writeFileSync(output, readFileSync(output, 'utf8').replace('a', 'b'))],
  ])('scores again where the output %s', async (_, harm) => {
    const { folder, run } = place();
    await run();
    const output = join(folder, 'out.csv');
    const first = readFileSync(output, 'utf8');
    harm(output);
    expect((await run()).status).toBe(0);
    expect(readFileSync(output, 'utf8')).toBe(first);
  });

  test('scores again another content of the same size whose time was put back', async () => {
    const { folder, commits, run } = place();
    const input = join(folder, 'in.csv');
    utimesSync(input, 1e9, 1e9);
    await run();
    writeFileSync(input, 'id,x\na,2\n');
    utimesSync(input, 1e9, 1e9);
    await run();
    expect(commits()).toBe(2);
  });

  test('scores again by an option that changes a byte, or from an input that was touched; not with other workers', async () => {
    const { folder, commits, run } = place();
    await run();
    await run('--workers', '2', '--tag', 'a=b');
    expect(commits()).toBe(1);
    await run('--prefix', 'p_');
    expect(commits()).toBe(2);
    await run('--prefix', 'p_');
    expect(commits()).toBe(2);
    utimesSync(join(folder, 'in.csv'), 1e9, 1e9);
    await run();
    expect(commits()).toBe(3);
  });

  test('started ten times at once publishes once', async () => {
    const { commits, run } = place();
    const ended = await Promise.all(Array.from({ length: 10 }, () => run()));
    expect(ended.filter(({ status }) => status !== 0 && status !== 75)).toEqual([]);
    expect(commits()).toBe(1);
  }, 60_000);

  test('is refused for a pipe, which cannot be known again', async () => {
    const { folder } = place();
    const model = ['score', '-m', 'm.onnx', '--skip-if-published'];
    const out = await scoreline([...model, 'in.csv'], { cwd: folder });
    const inn = await scoreline([...model, '-o', 'out.csv'], { cwd: folder, stdin: 'x\n1\n' });
    expect([out.status, inn.status]).toEqual([64, 64]);
    expect(out.stderr + inn.stderr).toContain('conflicting-options');
  });
});
