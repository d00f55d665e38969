import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, fixture, scoreline, strangers, tempFolder } from '../support/command.js';

const SINGLE = ['score', '-m', fixture('types', 'single.onnx')];
const rows = (count: number): string => `id,x\n${Array.from({ length: count }, (_, row) => `${row},${row / 8}\n`).join('')}`;

describe('pipes and signals', () => {
  test.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
    ['SIGHUP', 129, 'hung-up'],
  ] as const)('%s ends the process by that signal, the target untouched, and is journalled', async (signal, status, code) => {
    const folder = tempFolder();
    const output = join(folder, 'scores.csv');
    writeFileSync(output, 'old\n');
    const run = await scoreline([...SINGLE, '-o', output], {
      during: (child) => {
        child.stdin?.write(rows(200_000)); // stdin stays open: the run waits for more
        const waiting = setInterval(() => {
          if (
            strangers(folder, ['scores.csv', 'scores.csv.journal.jsonl', 'scores.csv.journal.jsonl.head', 'scores.csv.journal.jsonl.lock']).length ===
              0 ||
            !existsSync(`${output}.journal.jsonl`)
          )
            return;
          clearInterval(waiting);
          child.kill(signal);
        }, 10);
      },
    });
    expect(run.signal ?? run.status).toBe(run.signal === null ? status : signal);
    expect(readFileSync(output, 'utf8')).toBe('old\n');
    expect(strangers(folder, ['scores.csv', 'scores.csv.journal.jsonl', 'scores.csv.journal.jsonl.head', 'scores.csv.journal.jsonl.lock'])).toEqual(
      [],
    );
    const last = JSON.parse(readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n').at(-1) ?? '') as {
      kind: string;
      error: { code: string; status: number };
    };
    expect(last).toMatchObject({ kind: 'FAIL', error: { code, status } });
  });

  test('a reader that goes away is no error to speak of: 141, and silence', async () => {
    const folder = tempFolder();
    const input = join(folder, 'big.csv');
    writeFileSync(input, rows(400_000));
    const run = await scoreline([...SINGLE, input], { during: (child) => child.stdout?.once('data', () => child.stdout?.destroy()) });
    expect(run).toMatchObject({ status: 141, stderr: '' });
  });

  test('what goes through a pipe is what goes to a file, to the byte', async () => {
    const folder = tempFolder();
    const input = join(folder, 'big.csv');
    const output = join(folder, 'scores.csv');
    writeFileSync(input, rows(300_000));
    expect(await scoreline([...SINGLE, input, '-o', output])).toMatchObject({ status: 0, stderr: '' });
    const piped = await scoreline(SINGLE, { stdin: readFileSync(input) });
    expect(piped).toMatchObject({ status: 0, stderr: '' });
    expect(piped.stdout.equals(readFileSync(output))).toBe(true);
  });

  test.runIf(existsSync('/dev/full'))('a full disk behind stdout is 74', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [COMMAND, ...SINGLE, fixture('types', 'types.csv'), '--bind', 'x=f1'], { stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (piece: Buffer) => (stderr += piece.toString()));
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect({ status, stderr }).toMatchObject({ status: 74, stderr: expect.stringMatching(/no space/i) as string });
  });

  test('reading and writing one file by redirection is refused', async () => {
    const file = join(tempFolder(), 'in.csv');
    writeFileSync(file, rows(3));
    const append = openSync(file, 'a');
    const child = spawn(process.execPath, [COMMAND, ...SINGLE, file], { stdio: ['ignore', append, 'pipe'] });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, readFileSync(file, 'utf8')]).toEqual([64, rows(3)]);
  });

  test.each([['--rejects', '-'], ['--rejects', '/dev/stdout'], ['--rejects', 'out'], ['--journal', 'out']])('predictions share stdout with nothing else: %s %s', async (flag, place) => {
    const out = join(tempFolder(), 'out');
    writeFileSync(out, 'old\n');
    const append = openSync(out, 'a');
    const child = spawn(process.execPath, [COMMAND, ...SINGLE, fixture('types', 'types.csv'), flag, place === 'out' ? out : place], { stdio: ['ignore', append, 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (piece: Buffer) => (stderr += piece.toString()));
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, readFileSync(out, 'utf8')]).toEqual([64, 'old\n']);
    expect(stderr).toContain('and stdout are the same');
  }); // prettier-ignore

  test('5,000 columns', async () => {
    const folder = tempFolder();
    const input = join(folder, 'wide.csv');
    const names = Array.from({ length: 5000 }, (_, column) => `c${column}`);
    writeFileSync(input, `${[...names, 'x'].join(',')}\n${`${names.map((_, column) => column).join(',')},2\n`.repeat(20)}`);
    const run = await scoreline([...SINGLE, input, '--keep', 'c4999,c0']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout.toString()).toBe(`c4999,c0,prediction\n${'4999,0,5\n'.repeat(20)}`);
    const missing = await scoreline([...SINGLE, input, '--bind', 'x=X', '-v']);
    expect(missing.stderr).toContain(`  columns (5,001): ${names.join(', ')}, x\n`);
  });
});
