import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';
import { fixture, scoreline, tempFolder } from '../../support/command.js';
import '../../support/warm.js';

const ROWS = 100_000;
const STRAY = 31_415;
const UNCLOSED = 62_832;

/** Rows with quoted cells of every kind around the two that are spoilt; a seed for the numbers is not needed, they only have to differ. */
const texts = ['plain', '"in quotes"', '"a, b"', '"a ""b"" c"', '"two\nlines"', '""', '', '"é €"'];
const rows = Array.from({ length: ROWS }, (_, row) => [`${row + 1}`, `${(row * 37) % 1009}.25`, texts[row % texts.length] ?? '']);
const spoilt = rows.with(STRAY - 1, [`${STRAY}`, '1', 'a "stray quote']).with(UNCLOSED - 1, [`${UNCLOSED}`, '1', '"not closed']);
const file = (records: readonly (readonly string[])[]) => `id,x,text\n${records.map((cells) => cells.join(',')).join('\n')}\n`;

const options = { model: fixture('types/single.onnx'), keep: ['id', 'text'], maxRejects: { kind: 'rows', rows: 10 } } as const;

const digestOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Scores and gives the digest of the predictions, the rejects as line and code, and the counts. */
async function outcome(folder: string, how: Pick<ScoreOptions, 'input' | 'chunkBytes' | 'workers'>) {
  const output = join(folder, 'scores.csv');
  const { rowsIn, scored, rejectedByCode } = await score({ ...options, ...how, output });
  const rejects = readFileSync(`${output}.rejects.csv`, 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split(',').slice(0, 4)); // prettier-ignore
  return { sha256: digestOf(output), rowsIn, scored, rejectedByCode, rejects: rejects.map(([row, line, , code]) => ({ row, line, code })) };
}

/** The physical line of a row: two of eight rows before it have one more. */
const lineOf = (row: number) => 1 + rows.slice(0, row - 1).reduce((lines, cells) => lines + cells.join().split('\n').length, 1);

describe('100,000 rows with one stray quote and one that is not closed', () => {
  test('give two rejects, and all other rows as in the clean file, however the file is cut and from wherever it comes', async () => {
    const folder = tempFolder();
    const clean = join(folder, 'clean.csv');
    const broken = join(folder, 'broken.csv');
    writeFileSync(clean, file(rows.filter((_, at) => at !== STRAY - 1 && at !== UNCLOSED - 1)));
    writeFileSync(broken, file(spoilt));
    await score({ ...options, input: clean, output: join(folder, 'clean-scores.csv') });
    const expected = {
      sha256: digestOf(join(folder, 'clean-scores.csv')),
      rowsIn: ROWS,
      scored: ROWS - 2,
      rejectedByCode: { 'bad-quote': 1, 'unclosed-quote': 1 },
      rejects: [
        { row: `${STRAY}`, line: `${lineOf(STRAY)}`, code: 'bad-quote' },
        { row: `${UNCLOSED}`, line: `${lineOf(UNCLOSED)}`, code: 'unclosed-quote' },
      ],
    };
    for (const cut of [{ chunkBytes: 5_000, workers: 2 }, { chunkBytes: 65_536, workers: 3 }, { workers: 2 }, { chunkBytes: 1 << 26, workers: 1 }]) {
      expect(await outcome(folder, { input: broken, ...cut })).toEqual(expected);
    } // prettier-ignore
    const bytes = readFileSync(broken);
    for (const stride of [1_009, 65_536, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / stride) }, (_, at) => bytes.subarray(at * stride, (at + 1) * stride));
      expect(await outcome(folder, { input: Readable.from(pieces, { objectMode: false }), chunkBytes: 300_000, workers: 2 })).toEqual(expected);
    }
  }, 120_000);

  test('the same through the command, from stdin', async () => {
    const folder = tempFolder();
    const output = join(folder, 'scores.csv');
    const args = ['score', '-m', options.model, '--keep', 'id', '--max-rejects', '10', '-o', output];
    const run = await scoreline(args, { stdin: file(spoilt) });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const ids = readFileSync(output, 'utf8').trimEnd().split('\n').slice(1).map((line) => Number(line.split(',')[0])); // prettier-ignore
    expect(ids).toEqual(rows.map((_, at) => at + 1).filter((id) => id !== STRAY && id !== UNCLOSED));
    expect((await scoreline([...args.slice(0, -4), '--max-rejects', '1', '-o', output], { stdin: file(spoilt) })).status).toBe(65);
  });
});
