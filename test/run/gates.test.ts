import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { GATES, type GateName, type Level } from '#src/check/gates/gate.js';
import { parseGate } from '#src/check/gates/parse.js';
import { contractText } from '#src/contract/write.js';
import { ScorelineError } from '#src/errors/errors.js';
import { withFallback } from '#src/run/fallback.js';
import { isWarned, type RunSummary, type ScoreOptions } from '#src/run/options.js';
import { makeContract } from '#src/run/profile/make-contract.js';
import { profileData } from '#src/run/profile/profile-data.js';
import { scoreOnce } from '#src/run/score.js';
import { fixture, tempFolder } from '../support/command.js';
import '../support/warm.js';

/** A model that gives each value back, so that every figure of a run can be read off its input. */
const MODEL = fixture('types', 'columns-mixed.onnx');
const HEAD = 'float,double,int64,int32,bool,string';
const RULES = `version: scoreline.rules/1
columns: { float: number }
outputs: { prediction: number }
rules:
  - then: { prediction: 7 }
`;

/** 100 rows: float is 1 ... 100, the rest is the same in all. */
const TRAINING = [HEAD, ...Array.from({ length: 100 }, (_, row) => `${row + 1},0.5,1,1,true,red`)];
/**
 * The same, but for: ten blanks and an infinity in double, five colours and two numbers in float that the training data has not, another number in all of int32; and five rows, all of
 * them in the second half, that cannot be read.
 */
const INPUT = TRAINING.map((line, row) => {
  const [float = '', double = '', ...rest] = line.split(',');
  if (row === 0) return line;
  if (row > 50 && row % 10 === 0) return line.replace(',1,1,', ',none,2,');
  const text = row % 20 === 1 ? 'green' : 'red';
  return [row === 7 ? 500 : row === 8 ? -500 : float, row % 10 === 3 ? '' : row === 9 ? 'inf' : double, rest[0], '2', rest[2], text].join(',');
});

interface Gated {
  readonly name: string;
  readonly value: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly level: Level;
  readonly verdict: string;
  readonly row?: number;
}

interface Line {
  readonly kind: string;
  readonly gates?: readonly Gated[];
  readonly error?: { readonly code: string; readonly status: number; readonly message: string };
  readonly warnings?: readonly { readonly code: string }[];
  readonly withheld?: object;
}

interface Ended {
  readonly summary: RunSummary | undefined;
  readonly error: ScorelineError | undefined;
  readonly output: string;
  readonly withheld: string | undefined;
  /** Rows of the rejects file. */
  readonly rejects: number | undefined;
  /** What lies in the folder of the output. */
  readonly names: readonly string[];
  readonly journal: readonly Line[];
}

let contract = '';

beforeAll(async () => {
  const folder = tempFolder();
  const input = join(folder, 'train.csv');
  writeFileSync(input, `${TRAINING.join('\n')}\n`);
  const data = await profileData({ options: { model: MODEL, input }, contract: undefined, target: undefined, ids: [], date: undefined });
  const made = makeContract({ data, ids: [], target: undefined, source: basename(input), at: new Date(0) });
  contract = contractText({ ...made, trainedThrough: '2020-01-01', kpi: { large: { shareAbove: { column: 'out_float', threshold: 91 } } } });
});

/** Scores into a file that is there already, under gates, with a deadline of an hour. */
async function gated(gates: readonly string[], options: Partial<ScoreOptions> = {}): Promise<Ended> {
  const folder = tempFolder();
  const [model, input, output] = [join(folder, 'model.onnx'), join(folder, 'in.csv'), join(folder, 'out.csv')];
  copyFileSync(MODEL, model);
  writeFileSync(join(folder, 'model.contract.json'), contract);
  writeFileSync(join(folder, 'safe.rules.yaml'), RULES);
  writeFileSync(input, `${INPUT.join('\n')}\n`);
  writeFileSync(output, 'old\n');
  const asked: ScoreOptions = {
    ...{ model, input, output, keep: 'none', maxRejects: { kind: 'rows', rows: 100 }, gates: gates.map(parseGate) },
    ...(gates.some((gate) => gate.endsWith(':fallback')) ? { fallback: { model: join(folder, 'safe.rules.yaml'), on: ['gate'] as const } } : {}),
    ...options,
  };
  let [summary, error]: [RunSummary | undefined, ScorelineError | undefined] = [undefined, undefined];
  try {
    // as score() does, but with a deadline to be held against
    summary = await withFallback(asked, ({ options: each, begun, reading }) =>
      scoreOnce(each, { begun: ({ runId }) => begun(runId), reading, publishing: () => undefined, published: () => undefined, memoryBytes: undefined, deadlineMs: 3_600_000 }),
    );
  } catch (thrown) {
    if (!(thrown instanceof ScorelineError)) throw thrown;
    error = thrown;
  }
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  const rejects = read(`${output}.rejects.csv`);
  return {
    summary,
    error,
    output: read(output) ?? '',
    withheld: read(`${output}.withheld`),
    rejects: rejects === undefined ? undefined : rejects.trim().split('\n').length - 1,
    names: readdirSync(folder),
    journal: (read(`${output}.journal.jsonl`) ?? '').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line),
  };
} // prettier-ignore

/** For each gate a limit that does not hold, the value that the whole run has, and, where it is known before the end, after which row and with which value. */
const BROKEN: Readonly<
  Record<GateName, readonly [gate: string, value: number | 'measured', early?: readonly [row: number, value: number | 'measured']]>
> = {
  'reject-rate': ['reject-rate<=1%', 0.05],
  rejects: ['rejects<=2', 5, [80, 3]],
  rows: ['rows<=60', 100, [61, 61]],
  missing: ['missing(double)<=1%', 10 / 95],
  unseen: ['unseen(string)<=1%', 5 / 95],
  'out-of-range': ['out-of-range(float)<=1%', 2 / 95],
  psi: ['psi<=0', 'measured'],
  drifted: ['drifted<=0', 2],
  'score-mean': ['score-mean(out_float)>=49', (5050 - 400 - 15) / 95],
  'score-p05': ['score-p05(out_float)<=3', 'measured'],
  'score-p50': ['score-p50(out_float)>=60', 'measured'],
  'score-p95': ['score-p95(out_float)<=90', 'measured'],
  'non-finite': ['non-finite(out_double)<=0', 11 / 95],
  kpi: ['kpi(large)<=0.01', 10 / 95],
  'model-age': ['model-age<=365d', 'measured', [0, 'measured']],
  seconds: ['seconds<=0', 'measured', [0, 'measured']],
  memory: ['memory<=1MB', 'measured', [0, 'measured']],
  'deadline-headroom': ['deadline-headroom>=100%', 'measured', [0, 'measured']],
  'memory-headroom': ['memory-headroom>=100%', 'measured', [0, 'measured']],
};

const NAMES = Object.keys(BROKEN) as GateName[];

/** What the journal has to say of a broken gate. */
function verdictOf(name: GateName, level: Level, known: 'whole' | 'early'): Record<string, unknown> {
  const [gate, value, early] = BROKEN[name];
  const { column, min, max } = parseGate(gate);
  const said = known === 'early' ? early?.[1] : value;
  return {
    ...{ name, column: column ?? null, min: min ?? null, max: max ?? null, level, verdict: 'fail' },
    ...(name === 'psi' ? { worst: expect.any(String) as string } : {}),
    value: typeof said === 'number' ? (expect.closeTo(said, 12) as number) : (expect.any(Number) as number),
    ...(known === 'early' ? { row: early?.[0] } : {}),
  };
}

describe('every gate is told with value, limit and verdict', () => {
  test('no gate is left out', () => expect(NAMES.toSorted()).toEqual(Object.keys(GATES).toSorted()));

  test('at level warn: published, with status 3', async () => {
    const { summary, output, withheld, journal } = await gated(NAMES.map((name) => BROKEN[name][0]));
    expect(summary && isWarned(summary)).toBe(true);
    expect(journal.at(-1)?.kind).toBe('COMMIT');
    expect(journal.at(-1)?.gates).toEqual(NAMES.map((name) => verdictOf(name, 'warn', 'whole')));
    expect({ lines: countOf(output), withheld }).toEqual({ lines: 1 + 95, withheld: undefined });
  });

  test.each(NAMES)('at level withhold: %s, status 76, and the old file is as it was', async (name) => {
    const [gate, , early] = BROKEN[name];
    const { error, output, withheld, journal } = await gated([`${gate}:withhold`]);
    expect({ code: error?.code, status: error?.status, output }).toEqual({ code: 'gate-withheld', status: 76, output: 'old\n' });
    expect(journal.map(({ kind }) => kind)).toEqual(['START', 'FAIL']);
    expect(journal.at(-1)).toMatchObject({ error: { code: 'gate-withheld', status: 76, message: error?.message } });
    expect(journal.at(-1)?.gates).toEqual([verdictOf(name, 'withhold', early === undefined ? 'whole' : 'early')]);
    expect(countOf(withheld)).toBe(early === undefined ? 1 + 95 : undefined); // what is not whole is not kept
    const sha256 = withheld && createHash('sha256').update(withheld).digest('hex');
    const kept = { path: expect.stringMatching(/out\.csv\.withheld$/) as string, sha256, bytes: withheld?.length, rows: 95 };
    expect(journal.at(-1)?.withheld).toEqual(early === undefined ? kept : undefined);
  });

  test.each(NAMES)('at level fallback: %s, and the fallback scores', async (name) => {
    const [gate, , early] = BROKEN[name];
    const { summary, output, journal } = await gated([`${gate}:fallback`]);
    expect(journal.map(({ kind }) => kind)).toEqual(['START', 'FAIL', 'START', 'PREPARE', 'COMMIT']);
    expect(journal[1]).toMatchObject({ error: { code: 'gate-fallback', status: 76 } });
    expect(journal[1]?.gates).toEqual([verdictOf(name, 'fallback', early === undefined ? 'whole' : 'early')]);
    expect(summary?.fallback).toMatchObject({ why: 'gate-fallback' });
    expect(new Set(output.trim().split('\n'))).toEqual(new Set(['prediction', '7']));
  });
});

describe('a gate that has nothing to look at', () => {
  test.each([
    ['missing(flaot)<=1%', 'the model reads no such column; did you mean "float"?'],
    ['psi(nope)<=0.2:withhold', 'the model neither reads nor gives such a column'],
    ['score-mean(float)<=1', 'the model gives no such column'],
    ['score-p95(out_string)<=1', 'that column holds texts'],
    ['kpi(lage)<=1', 'the contract has no such figure; did you mean "large"?'],
  ])('is refused where a name is wrong: %s', async (gate, why) => {
    const { error, output, journal } = await gated([gate]);
    expect([error?.code, error?.status, error?.message]).toEqual(['gate-misnamed', 64, `--gate ${gate.split('<')[0] ?? ''} would look at nothing: ${why}`]);
    expect({ output, journal }).toEqual({ output: 'old\n', journal: [] });
  });

  test('is told as one that could not be judged, with status 3, where the run has no such figure', async () => {
    const { summary, journal } = await gated(['unseen(float)<=1%:withhold', 'out-of-range(string)<=1%:withhold', 'rows>=1']);
    expect(journal.at(-1)?.gates?.map(({ name, value, verdict }) => [name, value, verdict])).toEqual([['unseen', null, 'unknown'], ['out-of-range', null, 'unknown'], ['rows', 100, 'pass']]);
    expect(journal.at(-1)?.warnings).toContainEqual(expect.objectContaining({ code: 'gate-not-judged' }));
    expect(summary && isWarned(summary)).toBe(true);
  });

  test('is not judged by the PSI of a few rows, which is large by chance', async () => {
    const input = join(tempFolder(), 'few.csv');
    writeFileSync(input, `${TRAINING.filter((_, row) => row % 9 === 0).join('\n')}\n`);
    const few = await gated(['psi(float)<=0.01:withhold', 'rows>=10'], { input });
    expect(few.journal.at(-1)?.gates?.map(({ value, verdict }) => [value, verdict])).toEqual([[null, 'unknown'], [11, 'pass']]);
    expect(countOf(few.output)).toBe(12);
  });
}); // prettier-ignore

test('a gate withholds, or has the fallback score, also where the predictions cannot be kept aside', async () => {
  const folder = tempFolder();
  const output = join(folder, 'out.csv');
  mkdirSync(`${output}.withheld/taken`, { recursive: true });
  const { error } = await gated(['psi(int32)<=0.1:withhold'], { output, journal: join(folder, 'journal.jsonl') });
  expect([error?.code, error?.fix]).toEqual(['gate-withheld', expect.stringMatching(/^Nothing was published\./)]);
  const [line] = readFileSync(join(folder, 'journal.jsonl'), 'utf8').trim().split('\n').slice(-1);
  expect((JSON.parse(line ?? '') as Line).warnings).toContainEqual(expect.objectContaining({ code: 'withheld-not-kept' }));
  expect(readdirSync(folder).filter((name) => !name.startsWith('journal'))).toEqual(['out.csv.rejects.csv', 'out.csv.withheld']);
  const { summary } = await gated(['psi(int32)<=0.1:fallback'], { output });
  expect(summary?.fallback).toMatchObject({ why: 'gate-fallback' });
});

test('a contract that has expired is a warning, and status 3', async () => {
  const { summary } = await gated([], { contract: expired() });
  expect(summary?.warnings.map(({ code }) => code)).toContain('contract-expired');
  expect(summary && isWarned(summary)).toBe(true);
});

/** The contract, as one that held until the end of 2020. */
function expired(): string {
  const path = join(tempFolder(), 'expired.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(contract) as object), expires: '2020-12-31' }));
  return path;
}

describe('a gate that is broken for good stops the run', () => {
  const GATED = ['rows<=75:withhold', 'rejects<=1:withhold', 'rejects<=0', 'unseen<=1%:withhold', 'seconds<=1h:withhold', 'reject-rate<=1%:withhold'];

  test.each([[100, 1], [100, 2], [700, 2], [1 << 20, 1]])('after the same row, with the same words, in chunks of %d bytes by %d workers', async (chunkBytes, workers) => {
    const { error, journal, withheld, output, summary } = await gated(GATED, { chunkBytes, workers });
    expect(summary).toBeUndefined();
    expect(error?.message).toBe('the predictions are withheld, and the run was stopped after row 70: rejects is 2, expected at most 1');
    expect(error?.fix).toContain('nothing of them is kept');
    const found = journal.at(-1)?.gates?.map(({ name, value, verdict, row }) => [name, value, verdict, row]);
    expect(found).toEqual([['rows', null, 'unknown', undefined], ['rejects', 2, 'fail', 70], ['rejects', 2, 'fail', 70], ['unseen', null, 'unknown', undefined], ['seconds', null, 'unknown', undefined], ['reject-rate', null, 'unknown', undefined]]);
    expect(journal.at(-1)?.warnings?.map(({ code }) => code)).toContain('gate-failed'); // of the one that only warns
    expect(journal.at(-1)?.warnings?.map(({ code }) => code)).not.toContain('gate-not-judged');
    expect({ withheld, output }).toEqual({ withheld: undefined, output: 'old\n' });
  });

  test('also a share, where it is known of how many rows it is', async () => {
    for (const known of [{ expectRows: 100 }, { limit: 100 }]) {
      const { error, journal } = await gated(['reject-rate<=2%:withhold'], known);
      expect(error?.message).toContain('after row 80: reject-rate is 3%, expected at most 2%');
      expect(journal.at(-1)?.gates).toMatchObject([{ value: 0.03, row: 80 }]);
    }
    expect((await gated(['reject-rate<=5%:withhold'], { expectRows: 100 })).error).toBeUndefined();
  });

  test('rejects are published where there are too many of them, as far as the run came; else those of the last run stay', async () => {
    const { rejects, error } = await gated(['rejects<=1:withhold'], { chunkBytes: 1 << 20 });
    expect({ rejects, fix: error?.fix }).toMatchObject({ rejects: 5, fix: expect.stringContaining('out.csv.rejects.csv') as string });
    expect((await gated(['rows<=99:withhold'])).rejects).toBeUndefined();
  });

  test('where nothing comes, too: time is looked at by the clock', async () => {
    const input = new PassThrough();
    input.write(`${INPUT.slice(0, 30).join('\n')}\n`);
    const { error, journal, output, names } = await gated(['seconds<=300ms:withhold'], { input, flushMs: 10 });
    expect(error?.message).toMatch(/stopped after row 29: seconds is 0\.\d+ s, expected at most 0\.3 s/);
    expect(journal.map(({ kind }) => kind)).toEqual(['START', 'FAIL']);
    expect(journal.at(-1)?.gates).toMatchObject([{ name: 'seconds', verdict: 'fail', row: 29 }]);
    expect(output).toBe('old\n');
    expect(names.filter((name) => /tmp|withheld|scoreline-run/.test(name))).toEqual([]);
    expect(input.destroyed).toBe(true);
  });

  test('who reads a stream is told that what it has does not count, and of Arrow it gets no end', async () => {
    const output = new PassThrough();
    const pieces: Buffer[] = [];
    output.on('data', (piece: Buffer) => pieces.push(piece)).on('error', () => undefined);
    const { error } = await gated(['rows<=50:withhold'], { output, outputFormat: 'arrows', chunkBytes: 100 });
    expect(error?.fix).toContain('The output stream has a part of them already');
    const sent = Buffer.concat(pieces);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.subarray(-8)).not.toEqual(Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]));
    const whole = await gated(['missing<=0:withhold'], { output: new PassThrough().resume() });
    expect(whole.error?.fix).toContain('The output stream has them already');
  });
}); // prettier-ignore

/** Lines of a file. */
function countOf(text: string | undefined): number | undefined {
  return text?.trim().split('\n').length;
}
