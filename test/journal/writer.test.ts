import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { takeLock } from '#src/files/lock.js';
import { thisProcess } from '#src/files/process-identity.js';
import { readEntries } from '#src/journal/reader.js';
import { verifyJournal } from '#src/journal/verify.js';
import { openJournal, type Journal, type JournalOptions } from '#src/journal/writer.js';
import type { Entry } from '#src/journal/entry.js';
import { expectNames, failureOf, openFolder, umask } from './folder.js';
import { sampleDrafts, sampleRun, START } from './samples.js';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
const start = (n: number): { kind: 'START'; run: string; record: typeof START } => ({ kind: 'START', run: sampleRun(n), record: START });

async function withJournal(options: JournalOptions = {}): Promise<{ folder: string; path: string; journal: Journal }> {
  const folder = openFolder();
  const path = join(folder, 'out.csv.journal.jsonl');
  return { folder, path, journal: await openJournal(path, options) };
}

async function entriesOf(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of readEntries(path)) entries.push(entry);
  return entries;
}

describe('appending', () => {
  test('makes a whole journal, readable by others, with nothing beside it but head and lock', async () => {
    const { folder, path, journal } = await withJournal({ now: () => Date.UTC(2025, 9, 9) });
    for (const draft of sampleDrafts()) await journal.append(draft);
    expect(await verifyJournal(path)).toMatchObject({
      ok: true,
      entries: 12,
      runs: 5,
      open: [],
      torn: [],
      continues: false,
      head: 'current',
      problems: [],
    });
    expect((await entriesOf(path)).map((entry) => entry.at)).toEqual(Array(12).fill('2025-10-09T00:00:00.000Z'));
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~umask());
    expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600); // who can open it can hold it
    expectNames(folder, 'out.csv.journal.jsonl', 'out.csv.journal.jsonl.head', 'out.csv.journal.jsonl.lock');
  });

  test('gives back the entry as it stands in the file', async () => {
    const { path, journal } = await withJournal();
    const entry = await journal.append(sampleDrafts()[3]!);
    expect(await entriesOf(path)).toEqual([entry]);
  });

  test.each(['by its path', 'by a link'])('is ready where the file is rotated away in the moment in which it is opened %s', async (how) => {
    const { folder, path, journal } = await withJournal();
    await journal.append(start(1));
    const link = join(folder, 'link.jsonl');
    symlinkSync('out.csv.journal.jsonl', link);
    const probe = await open(path);
    const handles = Object.getPrototypeOf(probe) as typeof probe;
    const found = await probe.stat();
    await probe.close();
    const looks = vi.spyOn(handles, 'stat').mockImplementationOnce(() => {
      renameSync(path, `${path}.1`);
      return Promise.resolve(found as never);
    });
    onTestFinished(() => looks.mockRestore());
    const next = await openJournal(how === 'by a link' ? link : path);
    expect([existsSync(`${path}.1`), next.path]).toEqual([true, journal.path]);
    await next.append(start(2));
    expect(await verifyJournal(path, { rotated: [`${path}.1`] })).toMatchObject({ ok: true, entries: 2, head: 'current' });
  });

  test('takes turns within a process', async () => {
    const { path, journal } = await withJournal();
    const other = await openJournal(path);
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? journal : other).append(start(n))));
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 20 });
  });

  test('takes turns among processes: 6 x 50 lines', async () => {
    const { path } = await withJournal();
    const children = Array.from({ length: 6 }, () => spawn(process.execPath, [CHILD, path, '25'], { stdio: 'inherit' }));
    const statuses = await Promise.all(children.map(async (child) => ((await once(child, 'exit')) as [number])[0]));
    expect(statuses).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 300, runs: 150, head: 'current' });
  }, 60_000);

  test('goes on after writers were killed at any moment', async () => {
    const { path, journal } = await withJournal();
    for (let round = 0; round < 10; round++) {
      const child = spawn(process.execPath, [CHILD, path, '1000'], { stdio: 'inherit' });
      const lines = statSync(path).size;
      while (statSync(path).size < lines + 1 + round * 97) await new Promise((resolve) => setTimeout(resolve, 1));
      child.kill('SIGKILL');
      await once(child, 'exit');
      await journal.append(start(round));
    }
    const report = await verifyJournal(path);
    expect(report).toMatchObject({ ok: true, head: 'current', problems: [] });
    expect(report.open.length).toBeGreaterThanOrEqual(10);
  }, 60_000);

  test('by a link meets the same head and lock', async () => {
    const { folder, path, journal } = await withJournal();
    symlinkSync(path, join(folder, 'link.jsonl'));
    await journal.append(start(1));
    const linked = await openJournal(join(folder, 'link.jsonl'));
    await linked.append(start(2));
    await journal.append(start(3));
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 3 });
    expect(await verifyJournal(join(folder, 'link.jsonl'))).toMatchObject({ ok: true, entries: 3 });
  });
});

describe('rotation by rename', () => {
  test('goes on from the head', async () => {
    const { path, journal } = await withJournal();
    await journal.append(start(1));
    await journal.append(start(2));
    renameSync(path, `${path}.1`);
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 0, head: 'rotated' });
    expect((await journal.append(start(3))).seq).toBe(3);
    await journal.append({ kind: 'ABORT', run: sampleRun(1), record: { reason: 'died', by: null } });
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 2, continues: true, head: 'current' });
    expect(await verifyJournal(path, { rotated: [`${path}.1`] })).toMatchObject({
      ok: true,
      entries: 4,
      continues: false,
      open: [sampleRun(2), sampleRun(3)],
    });
    expect((await verifyJournal(`${path}.1`)).problems).toMatchObject([{ code: 'head-missing' }]);
  });

  test('a line lost from the rotated file is seen', async () => {
    const { path, journal } = await withJournal();
    for (const n of [1, 2, 3]) await journal.append(start(n));
    renameSync(path, `${path}.1`);
    await journal.append(start(4));
    const rotated = readFileSync(`${path}.1`, 'utf8').split('\n');
    writeFileSync(`${path}.1`, rotated.slice(0, 2).join('\n') + '\n');
    expect(await verifyJournal(path, { rotated: [`${path}.1`] })).toMatchObject({ ok: false, problems: [{ code: 'chain-broken' }] });
  });
});

describe('after a crash', () => {
  test('a torn last line is passed over and reported', async () => {
    const { path, journal } = await withJournal();
    await journal.append(start(1));
    const torn = '{"v":1,"seq":2,"kind":"COMM';
    appendFileSync(path, torn);
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 1, torn: [{ line: 2, bytes: torn.length }], head: 'current' });
    await journal.append(start(2));
    expect(readFileSync(path, 'utf8').split('\n')[1]).toBe(torn);
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 2, torn: [{ line: 2, bytes: torn.length }] });
    expect((await entriesOf(path)).map((entry) => entry.seq)).toEqual([1, 2]);
  });

  test.each([[0], [1]])('a line without its head is taken up, with %i bytes cut', async (cut) => {
    const { path, journal } = await withJournal();
    await journal.append(start(1));
    const head = readFileSync(`${path}.head`);
    await journal.append(start(2));
    writeFileSync(`${path}.head`, head);
    truncateSync(path, statSync(path).size - cut);
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 2, head: 'behind' });
    await journal.append(start(3));
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 3, head: 'current' });
  });

  test('before the first head the journal tells how it goes on', async () => {
    const { path, journal } = await withJournal();
    await journal.append(start(1));
    rmSync(`${path}.head`);
    expect(await verifyJournal(path)).toMatchObject({ ok: true, head: 'behind' });
    await journal.append(start(2));
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 2 });
  });

  test('what a killed writer left of its head is swept', async () => {
    const { folder, path, journal } = await withJournal();
    writeFileSync(join(folder, 'victim'), 'precious');
    symlinkSync('victim', `${path}.head.new`);
    await journal.append(start(1));
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
    expectNames(folder, 'victim', 'out.csv.journal.jsonl', 'out.csv.journal.jsonl.head', 'out.csv.journal.jsonl.lock');
  });

  test('lines that were cut off stay missing: the next line does not mend the chain', async () => {
    const { path, journal } = await withJournal();
    await journal.append(start(1));
    const { size } = statSync(path);
    await journal.append(start(2));
    truncateSync(path, size);
    await journal.append(start(3));
    expect(await verifyJournal(path)).toMatchObject({ ok: false, problems: [{ code: 'chain-broken', line: 2 }], head: 'current' });
  });
});

describe('the lock', () => {
  test('is waited for, not for ever', async () => {
    const { path, journal } = await withJournal({ lockWaitMs: 30 });
    const lock = await takeLock(`${path}.lock`, { mode: 0o644, waitMs: 0, onFallback: () => undefined });
    expect(await failureOf(journal.append(start(1)))).toMatchObject({ code: 'journal-locked', status: 75 });
    await lock.release();
    await journal.append(start(1));
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 1 });
  });

  test('is a file where there is no flock(1), with one warning', async () => {
    const warnings: string[] = [];
    const options = { flockCommands: ['no-such-flock', '/no/such/flock'], onWarning: ({ code }: { code: string }) => void warnings.push(code) };
    const { folder, path, journal } = await withJournal(options);
    const other = await openJournal(path, options);
    await Promise.all([1, 2, 3, 4, 5, 6].map((n) => (n % 2 === 0 ? journal : other).append(start(n))));
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 6 });
    expect(warnings).toEqual(['journal-lock-file', 'journal-lock-file']);
    expectNames(folder, 'out.csv.journal.jsonl', 'out.csv.journal.jsonl.head', 'out.csv.journal.jsonl.lock');
  });

  test('as a file of a process that is gone is no lock, of one that lives it is', async () => {
    const { folder, path, journal } = await withJournal({ flockCommands: ['no-such-flock'], lockWaitMs: 30 });
    const own = thisProcess();
    for (const gone of [{ pid: 4_194_999 }, { startTime: '77' }, { bootId: 'an-earlier-one' }]) {
      writeFileSync(`${path}.lock.owner`, JSON.stringify({ ...own, ...gone }));
      await journal.append(start(1));
    }
    writeFileSync(`${path}.lock.owner`, JSON.stringify(own));
    expect(await failureOf(journal.append(start(1)))).toMatchObject({ code: 'journal-locked', status: 75 });
    expectNames(folder, ...['', '.head', '.lock', '.lock.owner'].map((suffix) => `out.csv.journal.jsonl${suffix}`));
  });
});

describe('a place that will not do', () => {
  test.each([
    ['', 'journal-not-a-file', 73],
    ['none/journal.jsonl', 'journal-folder-missing', 73],
    ['/dev/null', 'journal-not-a-file', 73],
  ])('%s: %s', async (name, code, status) => {
    const folder = openFolder();
    expect(await failureOf(openJournal(name.startsWith('/') ? name : join(folder, name)))).toMatchObject({ code, status });
    expectNames(folder);
  });

  test('a FIFO is refused at once, reader or not', async () => {
    const path = join(openFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    expect(await failureOf(openJournal(path))).toMatchObject({ code: 'journal-not-a-file', status: 73 });
  });

  test('a folder closed to this user is 77', async () => {
    const folder = openFolder();
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o555);
    // Root may write everywhere: so the child is nobody.
    const uid = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    chmodSync(folder, 0o755);
    const child = spawn(process.execPath, [CHILD, join(folder, 'closed', 'journal.jsonl'), '1'], { ...uid, stdio: ['ignore', 'ignore', 'pipe'] });
    const [text] = (await once(child.stderr, 'data')) as [Buffer];
    const [status] = (await once(child, 'close')) as [number];
    expect([status, text.toString()]).toEqual([77, expect.stringContaining('journal-permission')]);
    expectNames(join(folder, 'closed'));
  });

  test('a full one is 74, and what was there stays', async () => {
    const { path, journal } = await withJournal();
    await journal.append(start(1));
    const { size } = statSync(path);
    const child = spawn('prlimit', [`--fsize=${size + 100}`, process.execPath, CHILD, path, '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [text] = (await once(child.stderr, 'data')) as [Buffer];
    const [status] = (await once(child, 'close')) as [number];
    expect([status, text.toString()]).toEqual([74, expect.stringContaining('journal-write')]);
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 1, torn: [{ line: 2, bytes: 100 }] });
    await journal.append(start(2));
    expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 2 });
  });
});
