import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { score, type RunSummary, type ScoreOptions } from '#src/index.js';
import { verifyJournal } from '#src/journal/verify.js';
import { fixture, scoreline, tempFolder } from '../support/command.js';
import '../support/warm.js';
import { checkpointsOf, interruptedAfter, journalLines, leftovers, resultOf, type Result } from './world.js';

const ROWS = 400;

let folder: string;
let output: string;
let options: ScoreOptions;
let expected: Result;

/** A small census with some rows spoilt. */
function census(into: string): ScoreOptions {
  const [header = '', ...lines] = readFileSync(fixture('adult/adult.csv'), 'utf8').split(/\r?\n/).slice(0, ROWS + 1); // prettier-ignore
  const input = join(into, 'in.csv');
  writeFileSync(input, `${[header, ...lines.map((line, row) => (row % 50 === 7 ? line.replace(/^\d+/, 'old') : line))].join('\n')}\n`);
  return {
    ...{ model: fixture('adult/adult.onnx'), contract: 'none', input, output: join(into, 'out.csv'), batchRows: 16, chunkBytes: 3000, workers: 2 },
    ...{ checkpointEveryMs: 0, profile: 'always', maxRejects: { kind: 'rows', rows: 100 } },
  };
}

/** What comes of it without an interruption. */
beforeAll(async () => {
  const whole = census(mkdtempSync(join(tmpdir(), 'scoreline-test-')));
  await score({ ...whole, resume: 'never' });
  expected = resultOf(whole.output as string);
  rmSync(dirname(whole.output as string), { recursive: true });
});

beforeEach(() => {
  folder = tempFolder();
  options = census(folder);
  output = join(folder, 'out.csv');
});

/** The only temp file of the output. */
const staged = (of = 'out.csv'): string =>
  join(folder, readdirSync(folder).find((name) => name.startsWith(`.${of}.`) && name.endsWith('.scoreline-tmp')) ?? '');
const stateFile = (): string => join(folder, '.out.csv.scoreline-run');
const warned = (summary: RunSummary): string[] => summary.warnings.map(({ code }) => code);

/** Ends the run as an uninterrupted one ends, with nothing left behind and a journal that is whole. */
async function ends(changed: Partial<ScoreOptions> = {}): Promise<RunSummary> {
  const summary = await score({ ...options, ...changed });
  expect(resultOf(output).output).toBe(expected.output);
  expect(resultOf(output).rejects).toBe(expected.rejects);
  expect(leftovers(output)).toEqual([]);
  expect(await verifyJournal(`${output}.journal.jsonl`)).toMatchObject({ ok: true, problems: [] });
  return summary;
}

describe('a run that was interrupted', () => {
  test('is gone on with by the same command, which says from where, with all figures those of one run', async () => {
    expect(await interruptedAfter(150, options)).toBe(true);
    expect(existsSync(output)).toBe(false);
    expect(checkpointsOf(output)).toBeGreaterThan(2);
    const { resumed, rowsIn } = await ends();
    const [first, second] = journalLines(output, 'START');
    expect(resumed).toEqual({ run: first?.run, fromRow: expect.any(Number) as number });
    expect(resumed?.fromRow).toBeGreaterThan(100);
    expect([rowsIn, second?.resumes]).toEqual([ROWS, first?.run]);
    expect(resultOf(output)).toEqual(expected);
    // the profile among them: it is restored from the checkpoint, to the last cell
    expect(expected.commit['profile']).toMatchObject({
      rows: ROWS - 8,
      columns: expect.arrayContaining([expect.objectContaining({ name: 'age', count: ROWS - 8 })]) as unknown,
    });
    const kinds = journalLines(output).map(({ kind }) => kind as string);
    expect(kinds.filter((kind) => kind !== 'CHECKPOINT')).toEqual(['START', 'FAIL', 'START', 'PREPARE', 'COMMIT']);
  });

  test('scores no row again that a checkpoint has', async () => {
    await interruptedAfter(200, options);
    const rows: number[] = [];
    const { resumed } = await score({ ...options, onProgress: (progress) => rows.push(progress.rows, progress.resumed?.rows ?? 0) });
    expect(rows[0]).toBeGreaterThanOrEqual(resumed?.fromRow ?? Infinity);
    expect(rows[1]).toBe((resumed?.fromRow ?? 0) - 1);
  });

  test.each<[string, Partial<ScoreOptions>]>([
    ['other workers', { workers: 1 }],
    ['a larger chunk', { chunkBytes: 20_000 }],
    ['a smaller chunk', { chunkBytes: 700 }],
    ['other labels and progress', { labels: { team: 'risk' }, onProgress: () => undefined }],
    ['another interval of checkpoints', { checkpointEveryMs: 60_000 }],
  ])('may be gone on with by %s', async (_, changed) => {
    await interruptedAfter(150, options);
    expect((await ends(changed)).resumed?.fromRow).toBeGreaterThan(100);
  });

  test.each<[string, Partial<ScoreOptions>, string[]]>([
    ['--resume never', { resume: 'never' }, []],
    ['another number of rows a call', { batchRows: 32 }, ['the options changed since']],
    ['another model', { model: fixture('adult/adult-forest.onnx') }, ['the model changed since']],
    ['an input that was touched', {}, ['the input changed since']],
  ])('is begun again by %s', async (_, changed, why) => {
    await interruptedAfter(150, options);
    if (Object.keys(changed).length === 0) utimesSync(options.input as string, 1, 1);
    const summary = await score({ ...options, ...changed });
    const fresh = join(folder, 'fresh.csv');
    await score({ ...options, ...changed, output: fresh, resume: 'never' });
    expect([summary.resumed, summary.warnings.map(({ message }) => message)]).toEqual([
      undefined,
      why.map((text) => expect.stringContaining(text) as string),
    ]);
    expect({ ...resultOf(output), commit: undefined }).toEqual({ ...resultOf(fresh), commit: undefined });
    expect(leftovers(output)).toEqual([]);
  });

  test('is begun again where --resume never had it make no checkpoint', async () => {
    expect(await interruptedAfter(150, { ...options, resume: 'never' })).toBe(true);
    expect(leftovers(output)).toEqual([]);
    expect((await ends()).resumed).toBeUndefined();
  });

  test('may be interrupted again and again, also while it passes over what is done', async () => {
    for (const rows of [40, 40, 120, 120, 200, 300, 301]) await interruptedAfter(rows, { ...options, workers: 1 + (rows % 3) });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    await score({ ...options, signal: controller.signal }).catch(() => undefined);
    expect((await ends()).resumed?.fromRow).toBeGreaterThan(200);
    expect(resultOf(output)).toEqual(expected);
  });

  test('keeps its rejects apart: one that came after the checkpoint is there once', async () => {
    // the eighth row is the first reject: the checkpoint of the first chunk of few rows knows none
    for (const rows of [1, 60, 110, 111, 250]) await interruptedAfter(rows, { ...options, chunkBytes: 300 });
    await ends();
    expect(resultOf(output).rejects?.trimEnd().split('\n')).toHaveLength(1 + ROWS / 50);
  });

  test('is not stopped by a journal that is away while a checkpoint is made', async () => {
    const journal = `${output}.journal.jsonl`;
    const move = ({ rows }: { rows: number }): void => {
      if (rows > 100 && rows < 300 && statSync(journal).isFile()) {
        renameSync(journal, `${journal}.away`);
        mkdirSync(journal);
      }
      if (rows >= 300 && existsSync(`${journal}.away`)) {
        rmdirSync(journal);
        renameSync(`${journal}.away`, journal);
      }
    };
    expect(warned(await ends({ onProgress: move }))).toContain('checkpoint-not-recorded');
  });

  test('is one whose journal could not be synced at a checkpoint: 74, no second sync of what may be lost, and the same command goes on', async () => {
    const journal = `${output}.journal.jsonl`;
    writeFileSync(journal, '');
    const file = await open(journal);
    const { ino } = await file.stat();
    const handles = Object.getPrototypeOf(file) as typeof file;
    await file.close();
    const syncs: string[] = [];
    const datasync = handles.datasync; // eslint-disable-line @typescript-eslint/unbound-method
    const fails = vi.spyOn(handles, 'datasync').mockImplementation(async function (this: typeof file) {
      if ((await this.stat()).ino !== ino) return datasync.call(this);
      const last = syncs.push(String(journalLines(output).at(-1)?.['kind']));
      if (syncs[last - 1] === 'CHECKPOINT' && syncs.filter((kind) => kind === 'CHECKPOINT').length === 3)
        throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    });
    const ended = await score(options).catch((error: unknown) => error);
    fails.mockRestore();
    expect(ended).toMatchObject({ code: 'journal-write', status: 74 });
    expect(syncs).toEqual(['START', 'CHECKPOINT', 'CHECKPOINT', 'CHECKPOINT']);
    expect(existsSync(output)).toBe(false);
    expect((await ends()).resumed?.fromRow).toBeGreaterThan(0);
  });

  test('tells on the command line how to go on, and from where it went on', async () => {
    const args = ['score', '-m', options.model, '--contract', 'none', options.input as string, '-o', output, '--batch-rows', '16', '--chunk-size', '300', '--max-rejects', '100', '--checkpoint-every', '0ms', '--workers', '1']; // prettier-ignore
    const stopped = await scoreline(args, {
      during: (child) => {
        const watch = setInterval(() => {
          if (checkpointsOf(output) < 3) return;
          clearInterval(watch);
          child.kill('SIGTERM');
        }, 1);
      },
    });
    expect([stopped.signal, stopped.stderr]).toEqual([
      'SIGTERM',
      expect.stringMatching(/to do: Give the same command again: it goes on from row \d+\./),
    ]);
    const ended = await scoreline([...args, '-v']);
    expect([ended.status, ended.stderr]).toEqual([
      0,
      expect.stringMatching(/resumed +from row \d+, where run [0-9a-f-]{36} had its last checkpoint/),
    ]);
    expect(resultOf(output).output).toBe(expected.output);
  });
});

describe('a checkpoint is set aside, and the reason told,', () => {
  beforeEach(() => interruptedAfter(150, options));

  /** Changes bytes of a file and leaves its length and times as they were. */
  function tamper(path: string, at: number): void {
    const { atime, mtime } = statSync(path);
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
  }

  test('where a staged file was changed', async () => {
    tamper(staged(), 40);
    const summary = await ends();
    expect([summary.resumed, warned(summary)]).toEqual([undefined, ['not-resumed']]);
    expect(summary.warnings[0]?.message).toContain('the staged output was changed');
  });

  test('where a staged file was cut', async () => {
    truncateSync(staged(), 100);
    expect(warned(await ends())).toEqual(['not-resumed']);
  });

  test('where the staged rejects file was changed', async () => {
    tamper(staged('out.csv.rejects.csv'), 3);
    const summary = await ends();
    expect([summary.resumed, summary.warnings[0]?.message]).toEqual([
      undefined,
      expect.stringContaining('the staged rejects file was changed') as string,
    ]);
  });

  test('where the state file was changed: a torn line is passed over, for the one before it', async () => {
    const lines = readFileSync(stateFile(), 'latin1').trimEnd().split('\n');
    writeFileSync(stateFile(), [...lines.slice(0, -1), (lines.at(-1) ?? '').replace(/"rowsIn":\d/, '"rowsIn":9')].join('\n'));
    expect((await ends()).resumed?.fromRow).toBeGreaterThan(1);
    expect(resultOf(output)).toEqual(expected);
  });

  test('where the state file is of no sense at all', async () => {
    writeFileSync(stateFile(), 'nonsense\n{"kind":"checkpoint"}\n');
    expect((await score(options)).resumed).toBeUndefined();
    expect(resultOf(output)).toEqual(expected);
  });

  test('where the input was changed, and has the time and the size that it had', async () => {
    const input = options.input as string;
    await score(options); // with the checkpoint of before
    utimesSync(input, 1000, 1000);
    await interruptedAfter(150, options);
    const bytes = readFileSync(input);
    bytes[bytes.indexOf('\n') + 1] = 0x39; // the first digit of the first row
    writeFileSync(input, bytes);
    utimesSync(input, 1000, 1000);
    const summary = await score(options);
    const fresh = join(folder, 'fresh.csv');
    await score({ ...options, output: fresh, resume: 'never' });
    expect([summary.resumed, summary.warnings[0]?.message]).toEqual([undefined, expect.stringContaining('the input changed since') as string]);
    expect({ ...resultOf(output), commit: undefined }).toEqual({ ...resultOf(fresh), commit: undefined });
    expect(leftovers(output)).toEqual([]);
  });

  test('where the input grew', async () => {
    appendFileSync(options.input as string, 'x\n');
    await score(options);
    const fresh = join(folder, 'fresh.csv');
    await score({ ...options, output: fresh, resume: 'never' });
    expect({ ...resultOf(output), commit: undefined }).toEqual({ ...resultOf(fresh), commit: undefined });
    expect(leftovers(output)).toEqual([]);
  });
});

describe('no checkpoint is made', () => {
  test.each(['stdin', 'stdout'])('of a run through %s', async (which) => {
    const { createReadStream, createWriteStream } = await import('node:fs');
    const straight =
      which === 'stdin' ? { input: createReadStream(options.input as string) } : { output: createWriteStream(join(folder, 'piped.csv')) };
    expect(await interruptedAfter(150, { ...options, ...straight })).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
