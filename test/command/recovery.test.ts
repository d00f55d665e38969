import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Entry } from '#src/journal/entry.js';
import { readEntries } from '#src/journal/reader.js';
import { verifyJournal } from '#src/journal/verify.js';
import { COMMAND, fixture, scoreline, tempFolder, type Ended } from '../support/command.js';

const KILLER = fileURLToPath(new URL('../support/kill-at.mjs', import.meta.url));
const MODEL = fixture('types', 'single.onnx');
const INPUT = 'id,x\na,1\nb,no number\nc,3\n';
const LEFT = ['in.csv', 'out.csv', 'out.csv.journal.jsonl', 'out.csv.journal.jsonl.head', 'out.csv.journal.jsonl.lock', 'out.csv.rejects.csv'];

function folder(): string {
  const path = tempFolder();
  writeFileSync(join(path, 'in.csv'), INPUT);
  return path;
}

const command = (...more: string[]): string[] => ['score', '-m', MODEL, 'in.csv', '-o', 'out.csv', '--max-rejects', '1', ...more];
const run = (cwd: string, ...more: string[]): Promise<Ended> => scoreline(command(...more), { cwd });

/** The same command, killed before its nth operation that changes a file; true where it came so far. */
async function killed(cwd: string, at: number, ...more: string[]): Promise<boolean> {
  const child = spawn(process.execPath, ['--import', KILLER, COMMAND, ...command(...more)], {
    cwd,
    env: { PATH: process.env['PATH'], KILL_AT: String(at) },
    stdio: 'ignore',
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal === 'SIGKILL';
}

/** The operations of a whole run, in their order. */
async function operations(...more: string[]): Promise<string[]> {
  const cwd = folder();
  const log = join(tempFolder(), 'log');
  const child = spawn(process.execPath, ['--import', KILLER, COMMAND, ...command(...more)], {
    cwd,
    env: { PATH: process.env['PATH'], KILL_LOG: log },
  });
  await once(child, 'exit');
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}

async function entriesOf(cwd: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of readEntries(join(cwd, 'out.csv.journal.jsonl'))) entries.push(entry);
  return entries;
}

const bytesOf = (cwd: string): string[] => ['out.csv', 'out.csv.rejects.csv'].map((name) => readFileSync(join(cwd, name), 'utf8'));

async function golden(): Promise<string[]> {
  const cwd = folder();
  expect((await run(cwd)).status).toBe(0);
  return bytesOf(cwd);
}

/** All of what a recovered folder must be: exact bytes, nothing left over, each run ended once, one of them by COMMIT. */
async function expectWhole(cwd: string, bytes: readonly string[], about: string): Promise<Entry[]> {
  expect(bytesOf(cwd), about).toEqual(bytes);
  expect(readdirSync(cwd).sort(), about).toEqual(LEFT);
  const entries = await entriesOf(cwd);
  expect(await verifyJournal(join(cwd, 'out.csv.journal.jsonl')), about).toMatchObject({ ok: true, open: [] });
  expect(entries.filter(({ kind }) => kind === 'COMMIT').length, about).toBe(1);
  return entries;
}

/** Two at a time: as many as the smallest machine has cores. */
async function forEach(points: readonly number[], act: (n: number) => Promise<void>): Promise<void> {
  const left = [...points];
  const lane = async (): Promise<void> => {
    for (let at = left.shift(); at !== undefined; at = left.shift()) await act(at);
  };
  await Promise.all([lane(), lane()]);
}

describe('a run killed before any operation that changes a file', () => {
  test('is made good by the same command: exact bytes, no leftovers, one COMMIT', async () => {
    const bytes = await golden();
    const steps = await operations();
    const renamed = steps.indexOf('rename .out.csv.rejects.csv.XXXX.scoreline-tmp') + 1;
    expect(renamed).toBeGreaterThan(20);
    // Every point from the end of writing on, some of those before: the whole matrix is in test/faults.
    const written = steps.findIndex((step) => step.startsWith('chmod'));
    const points = steps.map((_, index) => index + 1).filter((at) => at > written || at % 4 === 1);
    await forEach(points, async (at) => {
      const cwd = folder();
      const about = `killed before ${at}: ${steps[at - 1] ?? ''}`;
      expect(await killed(cwd, at), about).toBe(true);
      const again = await run(cwd);
      expect([again.status, again.stderr], about).toEqual([0, '']);
      const entries = await expectWhole(cwd, bytes, about);
      // From the first rename on the dead run's own work is published, and nothing is scored again.
      const starts = entries.filter(({ kind }) => kind === 'START').length;
      if (at >= renamed) expect([starts, entries.at(-1)?.kind], about).toEqual([1, 'COMMIT']);
    });
  }, 300_000);
});

describe('a run that died while it published', () => {
  /** A folder with such a run, killed between the renames of rejects and predictions. */
  async function halfDone(...more: string[]): Promise<string> {
    const steps = await operations(...more);
    const cwd = folder();
    const step = more.includes('--no-clobber') ? 'link .out.csv.XXXX.scoreline-tmp' : 'rename .out.csv.XXXX.scoreline-tmp';
    expect(await killed(cwd, steps.indexOf(step) + 1, ...more)).toBe(true);
    expect(readdirSync(cwd)).toContain('.out.csv.scoreline-run');
    expect(readdirSync(cwd)).not.toContain('out.csv');
    return cwd;
  }

  test('is rolled forward before another command goes on to score', async () => {
    const cwd = await halfDone();
    writeFileSync(join(cwd, 'in.csv'), 'id,x\nd,4\n');
    const { status, stderr } = await scoreline(command('-v'), { cwd });
    expect([status, stderr]).toEqual([0, expect.stringContaining('[recovered]')]);
    expect(readFileSync(join(cwd, 'out.csv'), 'utf8')).toContain('d,');
    const entries = await entriesOf(cwd);
    expect(entries.map(({ kind }) => kind)).toEqual(['START', 'PREPARE', 'COMMIT', 'START', 'PREPARE', 'COMMIT']);
    expect(new Set(entries.map(({ run }) => run)).size).toBe(2);
    expect(await verifyJournal(join(cwd, 'out.csv.journal.jsonl'))).toMatchObject({ ok: true, open: [] });
    expect(readdirSync(cwd).sort()).toEqual(LEFT.filter((name) => !name.includes('rejects')));
  });

  test('is rolled forward also by a command that fails afterwards', async () => {
    const cwd = await halfDone();
    const bytes = await golden();
    expect((await scoreline(['score', '-m', 'no-model.onnx', 'in.csv', '-o', 'out.csv'], { cwd })).status).toBe(66);
    expect(bytesOf(cwd)).toEqual(bytes);
    expect(readdirSync(cwd).sort()).toEqual(LEFT);
  });

  test('is given up where its staged file is not what it wrote', async () => {
    const cwd = await halfDone();
    const staged = readdirSync(cwd).find((name) => /^\.out\.csv\.[0-9a-f]{12}\.scoreline-tmp$/.test(name)) ?? '';
    writeFileSync(join(cwd, staged), 'tampered with');
    expect((await run(cwd)).status).toBe(0);
    const entries = await expectWhole(cwd, await golden(), 'tampered');
    expect(entries.map(({ kind }) => kind)).toEqual(['START', 'PREPARE', 'ABORT', 'START', 'PREPARE', 'COMMIT']);
  });

  test('without a journal is rolled forward too', async () => {
    const cwd = await halfDone('--no-journal');
    const { status, stderr } = await run(cwd, '--no-journal', '-v');
    expect([status, stderr]).toEqual([0, expect.stringContaining('[recovered]')]);
    expect(bytesOf(cwd)).toEqual(await golden());
    expect(readdirSync(cwd).sort()).toEqual(['in.csv', 'out.csv', 'out.csv.rejects.csv']);
  });

  test('with its journal gone is rolled forward, and says what it could not tell', async () => {
    const journals = join(tempFolder(), 'journals');
    mkdirSync(journals);
    await run(folder(), '--journal', join(journals, 'j.jsonl')); // so that it is there for each run
    const cwd = await halfDone('--journal', join(journals, 'j.jsonl'));
    rmSync(journals, { recursive: true });
    const { status, stderr } = await run(cwd, '--no-journal', '-v');
    expect([status, stderr]).toEqual([0, expect.stringContaining('[end-not-recorded]')]);
    expect(bytesOf(cwd)).toEqual(await golden());
  });

  test('keeps what is left to be told until its journal can be written: then it has its COMMIT', async () => {
    const folderOfJournal = tempFolder();
    const journal = join(folderOfJournal, 'j.jsonl');
    await run(folder(), '--journal', journal); // so that it is there for each run
    const cwd = await halfDone('--journal', journal);
    renameSync(journal, `${journal}.away`);
    mkdirSync(journal); // in its place: it cannot be written
    for (let round = 0; round < 2; round++) {
      const { status, stderr } = await run(cwd, '--no-journal', '-v');
      expect([status, stderr]).toEqual([0, expect.stringContaining('[end-not-recorded]')]);
      expect(readdirSync(cwd)).toContain('.out.csv.scoreline-run');
    }
    rmSync(journal, { recursive: true });
    renameSync(`${journal}.away`, journal);
    expect((await run(cwd, '--no-journal')).status).toBe(0);
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    const kinds = lines.map((line) => (JSON.parse(line) as Entry).kind);
    expect(kinds.slice(-3)).toEqual(['START', 'PREPARE', 'COMMIT']);
    expect(kinds.filter((kind) => kind === 'COMMIT')).toHaveLength(kinds.filter((kind) => kind === 'START').length);
    expect(bytesOf(cwd)).toEqual(await golden());
    expect(readdirSync(cwd).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('by --no-clobber replaces nothing that came since', async () => {
    const cwd = await halfDone('--no-clobber');
    copyFileSync(join(cwd, 'in.csv'), join(cwd, 'out.csv'));
    expect((await run(cwd, '--no-clobber')).status).toBe(73);
    expect(readFileSync(join(cwd, 'out.csv'), 'utf8')).toBe(INPUT);
    expect(readdirSync(cwd).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('by --no-clobber, killed with both names there, is the same file under one', async () => {
    const steps = await operations('--no-clobber');
    const cwd = folder();
    expect(await killed(cwd, steps.indexOf('link .out.csv.XXXX.scoreline-tmp') + 2, '--no-clobber')).toBe(true);
    expect((await run(cwd, '--no-clobber')).status).toBe(0);
    await expectWhole(cwd, await golden(), 'linked');
  });
});
