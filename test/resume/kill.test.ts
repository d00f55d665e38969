import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, tempFolder } from '../support/command.js';
import { LONG } from '../support/long.js';
import { checkpointsOf, journalLines, killed, leftovers, resultOf, succeeds } from './world.js';

const ADULT = ['score', '-m', fixture('adult/adult.onnx'), '--contract', 'none', '--batch-rows', '64', '--max-rejects', '1000'];

/** The first rows of the adult census, some of them spoilt, with quotes, line ends of Windows and letters beyond ASCII. */
function census(folder: string, rows: number, encode = (text: string): Uint8Array => Buffer.from(text)): string {
  const [header = '', ...lines] = readFileSync(fixture('adult/adult.csv'), 'utf8').split(/\r?\n/).slice(0, rows + 1); // prettier-ignore
  const spoilt = lines.map((line, row) => {
    const cells = line.split(',');
    const kept = row % 5 === 2 ? `"quoted, ""and""\r\nin two lines"` : `naïve ${row}`;
    return [...(row % 61 === 60 ? cells.slice(1) : row % 37 === 36 ? cells.with(0, 'old') : cells), kept].join(',');
  });
  const path = join(folder, 'census.csv');
  writeFileSync(path, encode(`${header},note\r\n${spoilt.join('\r\n')}\r\n`));
  return path;
}

/** Rows of which every ninth makes the model throw. */
function throwing(folder: string, rows: number): string {
  const path = join(folder, 'throwing.csv');
  writeFileSync(path, `index,x\n${Array.from({ length: rows }, (_, row) => `${row % 9},${row}\n`).join('')}`);
  return path;
}

/** Small numbers by chance, but the same for a seed, so that a failure can be had again. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * below);
  };
}

/**
 * Runs a command into `output`, kills it again and again at moments drawn by `seed`, with other numbers of workers, and runs it to its end. Gives the number of kills from which a
 * checkpoint was gone on.
 */
async function killedChain(args: readonly string[], output: string, seed: number, kills: number): Promise<number> {
  const draw = chance(seed);
  const vary = () => ['--workers', String(1 + draw(3))];
  for (let kill = 0; kill < kills; kill++) {
    const before = checkpointsOf(output);
    const more = draw(6);
    const ended = await killed([...args, ...vary()], () => checkpointsOf(output) >= before + more, draw(20));
    if (ended !== 'SIGKILL') break;
  }
  await succeeds([...args, ...vary()]);
  return journalLines(output, 'START').filter(({ resumes }) => resumes !== undefined).length;
}

interface Kind {
  readonly name: string;
  readonly args: (folder: string) => readonly string[];
  readonly suffix: string;
}

const KINDS: readonly Kind[] = [
  { name: 'CSV with rejects, quotes and CRLF', args: (folder) => [...ADULT, census(folder, 1500), '--chunk-size', '5000'], suffix: 'csv' },
  {
    name: 'CSV with rejected rows left blank',
    args: (folder) => [...ADULT, census(folder, 1500), '--chunk-size', '5000', '--rejected-rows', 'blank'],
    suffix: 'csv',
  },
  {
    name: 'CSV in UTF-16',
    args: (folder) => [...ADULT, census(folder, 1500, (text) => Buffer.from(`\ufeff${text}`, 'utf16le')), '--chunk-size', '5000'],
    suffix: 'csv',
  },
  {
    name: 'CSV in latin-1 to an Arrow file, compressed',
    args: (folder) => [...ADULT, census(folder, 1500, (text) => Buffer.from(text, 'latin1')), '--encoding', 'latin1', '--chunk-size', '5000', '--compression', 'zstd'],
    suffix: 'arrow',
  },
  {
    name: 'CSV up to a limit of rows',
    args: (folder) => [...ADULT, census(folder, 1500), '--chunk-size', '5000', '--limit', '1203'],
    suffix: 'csv',
  },
  ...['arrow', 'arrows', 'csv'].map((suffix) => ({
    name: `an Arrow stream that replaces its dictionaries, to .${suffix}`,
    args: () => ['score', '-m', fixture('adult/adult.onnx'), '--contract', 'none', '--batch-rows', '8', fixture('arrow/adult-head-replaced.arrows'), '--chunk-size', '400', '--keep', 'all', '--prefix', 'p_'],
    suffix,
  })),
  {
    name: 'rows that a fallback scores',
    args: (folder) => ['score', '-m', fixture('types/throws.onnx'), throwing(folder, 3000), '--fallback', fixture('types/single.onnx'), '--fallback-on', 'rows', '--scored-by', 'by', '--warn-status', '0', '--batch-rows', '8', '--chunk-size', '2000'],
    suffix: 'csv',
  },
  {
    name: 'an Arrow file',
    args: () => ['score', '-m', fixture('california/california-trees.onnx'), '--batch-rows', '8', fixture('arrow/california-head.arrow'), '--chunk-size', '400'],
    suffix: 'arrow',
  },
]; // prettier-ignore

describe('a run that is killed again and again', () => {
  test.each(KINDS.filter((_, index) => LONG || index % 2 === 0))(
    'ends as one that never was: $name',
    { timeout: 120_000 },
    async ({ args, suffix }) => {
      const folder = tempFolder();
      const whole = join(folder, `whole.${suffix}`);
      const common = args(folder);
      await succeeds([...common, '-o', whole]);
      const expected = resultOf(whole);
      let resumed = 0;
      for (const seed of LONG ? [1, 2, 3] : [1]) {
        const output = join(folder, `killed-${seed}.${suffix}`);
        resumed += await killedChain([...common, '-o', output, '--checkpoint-every', '0ms'], output, seed + suffix.length * 100, 2);
        expect(resultOf(output)).toEqual(expected);
        expect(leftovers(output)).toEqual([]);
      }
      expect(resumed).toBeGreaterThan(0);
    },
  );
});
