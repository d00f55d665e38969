import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { verifyJournal } from '#src/journal/verify.js';
import { openBelow, until } from '../job/processes.js';
import { COMMAND, fixture, scoreline, tempFolder, type Ended } from '../support/command.js';

const SINGLE = ['score', '-m', fixture('types', 'single.onnx')];

/** A run that has the output and waits for the rest of its stdin. */
async function holder(output: string): Promise<{ child: ChildProcess; finish: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [COMMAND, ...SINGLE, '-o', output], { stdio: ['pipe', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.write('id,x\nfirst,1\n');
  const ended = once(child, 'exit');
  await until(() => readdirSync(dirname(output)).some((name) => name.endsWith('.scoreline-tmp')));
  const finish = async (): Promise<number | null> => {
    child.stdin.end();
    return ((await ended) as [number | null])[0];
  };
  return { child, finish };
}

/** A run that waits for the output: it has the file of the lock open. */
async function waiter(input: string, output: string, ...more: string[]): Promise<{ child: ChildProcess; ended: Promise<Ended> }> {
  let child: ChildProcess | undefined;
  const ended = scoreline([...SINGLE, input, '-o', output, '--lock-wait', '1m', ...more], { during: (started) => (child = started) });
  const folder = dirname(output);
  await until(() => openBelow(folder, child?.pid ?? 0).includes(join(folder, '.out.csv.scoreline-run')));
  if (child === undefined) throw new Error('no process');
  return { child, ended };
}

function scene(): { folder: string; input: string; output: string } {
  const folder = tempFolder();
  const [input, output] = [join(folder, 'in.csv'), join(folder, 'out.csv')];
  writeFileSync(input, 'id,x\na,1\nb,2\n');
  return { folder, input, output };
}

describe('ten commands into one output', () => {
  test('started at once: the one that gets it writes it, the rest end with 75 and say nothing where nobody watches', async () => {
    const { folder, output } = scene();
    const children: ChildProcess[] = [];
    // From stdin, which is closed only when nine have ended: so all ten come while one holds the output.
    const runs = Array.from({ length: 10 }, (_, n) =>
      scoreline([...SINGLE, '-o', output], {
        during: (child) => {
          children.push(child);
          child.stdin?.write(`id,x\n${n},${n}\n`);
        },
      }),
    );
    await until(() => children.filter(({ exitCode }) => exitCode !== null).length === 9, 60_000);
    for (const child of children) child.stdin?.end();
    const ends = await Promise.all(runs);
    expect(ends.map(({ status }) => status).sort()).toEqual([0, ...Array<number>(9).fill(75)]);
    expect(ends.map(({ stderr }) => stderr).join('')).toBe('');
    const winner = ends.findIndex(({ status }) => status === 0);
    expect(readFileSync(output, 'utf8')).toBe(`id,prediction\n${winner},${winner * 2 + 1}\n`);
    // The others were not begun: not a line of them in the journal.
    expect(readFileSync(`${output}.journal.jsonl`, 'utf8').split('\n')).toHaveLength(4);
    expect(await verifyJournal(`${output}.journal.jsonl`)).toMatchObject({ ok: true, runs: 1, open: [] });
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 120_000);

  test('with --lock-wait all have their turn', async () => {
    const { folder, input, output } = scene();
    const ends = await Promise.all(Array.from({ length: 10 }, () => scoreline([...SINGLE, input, '-o', output, '--lock-wait', '5m'])));
    expect(ends.map(({ status, stderr }) => [status, stderr])).toEqual(Array(10).fill([0, '']));
    expect(readFileSync(output, 'utf8')).toBe('id,prediction\na,3\nb,5\n');
    expect(await verifyJournal(`${output}.journal.jsonl`)).toMatchObject({ ok: true, runs: 10, open: [] });
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 120_000);
});

describe('a second run', () => {
  test('says where somebody asks what it met, and what to do', async () => {
    const { input, output } = scene();
    const { finish } = await holder(output);
    const { status, stderr } = await scoreline([...SINGLE, input, '-o', output, '-v']);
    expect([status, stderr]).toEqual([75, expect.stringContaining(`another run is writing '${output}'`)]);
    expect(stderr).toContain('--lock-wait');
    expect(await finish()).toBe(0);
  });

  test('with another state folder meets the same lock', async () => {
    const { folder, input, output } = scene();
    const { finish } = await holder(output);
    expect(await scoreline([...SINGLE, input, '-o', output, '--state-dir', folder])).toMatchObject({ status: 75, stderr: '' });
    expect(await finish()).toBe(0);
  });

  test('with --lock-wait goes on when the first has ended', async () => {
    const { input, output } = scene();
    const { finish } = await holder(output);
    const second = await waiter(input, output);
    expect([existsSync(output), await finish()]).toEqual([false, 0]);
    expect(await second.ended).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(output, 'utf8')).toBe('id,prediction\na,3\nb,5\n');
  });

  test('with --lock-wait goes on when the first was killed', async () => {
    const { folder, input, output } = scene();
    const { child } = await holder(output);
    const second = await waiter(input, output);
    child.kill('SIGKILL');
    expect(await second.ended).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('with --lock-wait does not wait for longer than that', async () => {
    const { input, output } = scene();
    const { finish } = await holder(output);
    const begun = performance.now();
    expect(await scoreline([...SINGLE, input, '-o', output, '--lock-wait', '700ms'])).toMatchObject({ status: 75, stderr: '' });
    expect(performance.now() - begun).toBeGreaterThan(700);
    expect(await finish()).toBe(0);
  });

  test('that waits is stopped by a signal at once', async () => {
    const { input, output } = scene();
    const { finish } = await holder(output);
    const second = await waiter(input, output, '--no-journal');
    const begun = performance.now();
    second.child.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ status: null, signal: 'SIGTERM' });
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(await finish()).toBe(0);
  });
});
