import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { score } from '#src/index.js';
import { toArrow } from '../support/arrow.js';
import { COMMAND, fixture, scoreline, tempFolder } from '../support/command.js';

const MODEL = fixture('types', 'single.onnx');
const FLAGS = ['score', '-m', MODEL, '--batch-rows', '16'];
const HEADER = 'id,x\n';
const row = (number: number): string => `${number},${number / 8}\n`;

/** Collects a text stream; `lines` waits until so many whole lines are there: the test's own time limit is the only clock. */
function answersOf(stream: Readable): { readonly lines: (count: number) => Promise<string>; readonly text: () => string } {
  let text = '';
  stream.on('data', (piece: Buffer) => (text += piece.toString()));
  return {
    async lines(count) {
      while (text.split('\n').length <= count) await once(stream, 'data');
      return text;
    },
    text: () => text,
  };
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [COMMAND, ...FLAGS, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
}

/** The answers of a run over a file with the same bytes. */
async function fromFile(bytes: string | Uint8Array, args: readonly string[] = []): Promise<string> {
  const file = join(tempFolder(), 'input.csv');
  writeFileSync(file, bytes);
  return (await scoreline([...FLAGS, file, ...args])).stdout.toString();
}

describe('--flush-ms answers each row of a pipe before the next one is written', () => {
  const talk = async (input: Writable, output: Readable, encode: (text: string) => Uint8Array | string = (text) => text): Promise<string> => {
    const answers = answersOf(output);
    input.write(encode(HEADER));
    for (let number = 1; number <= 5; number++) {
      input.write(encode(row(number)));
      expect((await answers.lines(number + 1)).split('\n').at(-2)).toMatch(new RegExp(`^${number},`));
    }
    input.end();
    await once(output, 'end');
    return answers.text();
  };
  const whole = HEADER + [1, 2, 3, 4, 5].map(row).join('');

  test.each([
    ['with workers side by side', ['--flush-ms', '5', '--workers', '2']],
    ['in a unit', ['--flush-ms', '0.005s']],
    ['at once', ['--flush-ms', '0']],
  ])('stdin, %s; the same bytes as from a file', async (_, args) => {
    const child = start(args);
    expect(await talk(child.stdin as Writable, child.stdout as Readable)).toBe(await fromFile(whole));
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(0);
  });

  test('text that is transcoded', async () => {
    const encode = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
    const child = start(['--flush-ms', '5', '--encoding', 'utf-16le']);
    expect(await talk(child.stdin as Writable, child.stdout as Readable, encode)).toBe(await fromFile(whole));
  });

  test('a FIFO by its path', async () => {
    const fifo = join(tempFolder(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const child = start([fifo, '--flush-ms', '5']);
    expect(await talk(createWriteStream(fifo), child.stdout as Readable)).toBe(await fromFile(whole));
  });

  test('streams of the library', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const [summary, text] = await Promise.all([score({ model: MODEL, input, output, batchRows: 16, flushMs: 5 }), talk(input, output)]);
    expect(summary).toMatchObject({ rowsIn: 5, scored: 5 });
    expect(text).toBe(await fromFile(whole));
  });

  test('a record batch of an Arrow stream', async () => {
    const rows = [1, 2, 3].map((number) => ({ id: `${number}`, x: `${number / 8}` }));
    const stream = toArrow(rows, 1, 'stream');
    const END_MARKER_BYTES = 8;
    const ends = rows.map((_, at) => toArrow(rows.slice(0, at + 1), 1, 'stream').length - END_MARKER_BYTES);
    const child = start(['--flush-ms', '5', '--output-format', 'csv']);
    const answers = answersOf(child.stdout as Readable);
    for (const [at, end] of ends.entries()) {
      child.stdin?.write(stream.subarray(ends[at - 1] ?? 0, end));
      expect((await answers.lines(at + 2)).split('\n').at(-2)).toMatch(new RegExp(`^${at + 1},`));
    }
    child.stdin?.end(stream.subarray(ends.at(-1)));
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  test('a single column of single digits, shorter than any look at the format', async () => {
    const child = start(['--flush-ms', '5']);
    const answers = answersOf(child.stdout as Readable);
    child.stdin?.write('x\n1\n');
    await answers.lines(2);
    child.stdin?.end();
    await once(child, 'exit');
    expect(answers.text()).toBe(await fromFile('x\n1\n'));
  });
});

describe('what --flush-ms leaves as it is', () => {
  test('a record that is half there waits for its rest, quoted line ends included', async () => {
    const child = start(['--flush-ms', '5']);
    const answers = answersOf(child.stdout as Readable);
    child.stdin?.write('id,x\n1,0.5\n"two\n');
    expect(await answers.lines(2)).toMatch(/\n1,[^\n]+\n$/);
    child.stdin?.write('halves",0.');
    child.stdin?.write('25\n3,1\n');
    await answers.lines(5);
    child.stdin?.end();
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(answers.text()).toBe(await fromFile('id,x\n1,0.5\n"two\nhalves",0.25\n3,1\n'));
  });

  test('a last line without its end is still taken for a producer that was cut off', async () => {
    const run = await scoreline([...FLAGS, '--flush-ms', '5'], { stdin: 'id,x\n1,0.5\n2,1' });
    expect(run).toMatchObject({ status: 65, stderr: expect.stringContaining('unterminated-input') as string });
  });

  test('a large input comes out as without it, at any pace', async () => {
    const text = HEADER + Array.from({ length: 60_000 }, (_, number) => row(number)).join('');
    const expected = await fromFile(text);
    for (const flush of ['0', '1', '1h']) {
      const run = await scoreline([...FLAGS, '--flush-ms', flush], { stdin: text });
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout.toString()).toBe(expected);
    }
    const file = await fromFile(text, ['--flush-ms', '5']);
    expect(file).toBe(expected);
  });

  test('a signal ends a run that waits for more', async () => {
    const child = start(['--flush-ms', '5']);
    const answers = answersOf(child.stdout as Readable);
    child.stdin?.write(HEADER + row(1));
    await answers.lines(2);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[1]).toBe('SIGTERM');
  });
});
