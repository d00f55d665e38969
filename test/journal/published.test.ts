import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeEntry, encodeEntry, GENESIS, type EntryDraft } from '#src/journal/entry.js';
import { PublishedFiles, type CheckedFile } from '#src/journal/published.js';
import { openFolder } from './folder.js';
import { COMMIT, sampleRun } from './samples.js';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

function committed(n: number, path: string, text: string, rejects: string | null = null): EntryDraft {
  const output = { path, sha256: sha(text), bytes: text.length, rows: 1 };
  return {
    kind: 'COMMIT',
    run: sampleRun(n),
    record: { ...COMMIT, output, rejects: rejects === null ? null : { path: rejects, sha256: sha('r'), bytes: 1 } },
  };
}

async function check(journal: string, ...drafts: EntryDraft[]): Promise<CheckedFile[]> {
  const files = new PublishedFiles();
  for (const draft of drafts) {
    const decoded = decodeEntry(encodeEntry(draft, '2025-10-09T08:53:20.000Z', GENESIS).line.subarray(0, -1));
    if (decoded.ok) files.add(decoded.entry);
  }
  const found: CheckedFile[] = [];
  for await (const file of files.check(journal)) found.push(file);
  return found;
}

const states = (files: readonly CheckedFile[]) => files.map(({ role, state }) => [role, state]);

test('what stands where it was published is the same, changed or gone', async () => {
  const folder = openFolder();
  const [a, b, c, j] = ['a', 'b', 'c', 'j'].map((name) => join(folder, name)) as [string, string, string, string];
  writeFileSync(a, 'one');
  writeFileSync(b, 'two!');
  const found = await check(j, committed(1, a, 'one', c), committed(2, b, 'two'));
  expect(states(found)).toEqual([['output', 'same'], ['rejects', 'gone'], ['output', 'changed']]); // prettier-ignore
  expect(found[2]).toMatchObject({ path: b, run: sampleRun(2), found: { sha256: sha('two!'), bytes: 4 } });
});

test('only the newest COMMIT of an output counts, and the rejects file that it names', async () => {
  const folder = openFolder();
  const [a, r, j] = ['a', 'r', 'j'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(a, 'new');
  expect(states(await check(j, committed(1, a, 'old', r), committed(2, a, 'new')))).toEqual([['output', 'same']]);
});

test('a rejects file that two outputs share is the last one’s', async () => {
  const folder = openFolder();
  const [a, b, j] = ['a', 'b', 'j'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(join(folder, 'r'), 'r');
  const found = await check(j, committed(1, a, 'a', join(folder, 'r')), committed(2, b, 'b', join(folder, 'r')));
  expect(found.filter(({ role }) => role === 'rejects')).toMatchObject([{ state: 'same', run: sampleRun(2) }]);
});

test('what a run without an end was about to publish is held against nobody', async () => {
  const folder = openFolder();
  const [a, j] = ['a', 'j'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(a, 'new');
  const part = { staged: '.a.tmp', path: a, bytes: 3, sha256: sha('new') };
  const prepare: EntryDraft = { kind: 'PREPARE', run: sampleRun(2), record: { output: part, rejects: null, removes: null } };
  expect(states(await check(j, committed(1, a, 'old'), prepare))).toEqual([['output', 'unrecorded']]);
  const abort: EntryDraft = { kind: 'ABORT', run: sampleRun(2), record: { reason: 'died', by: null } };
  expect(states(await check(j, committed(1, a, 'old'), prepare, abort))).toEqual([['output', 'changed']]);
});

test('a path that is not whole is looked for beside the journal of its name', async () => {
  const folder = openFolder();
  mkdirSync(join(folder, 'd'));
  writeFileSync(join(folder, 'd', 'a'), 'one');
  const found = await check(join(folder, 'd', 'a.journal.jsonl'), committed(1, 'elsewhere/a', 'one', 'a.rejects.csv'));
  expect(found.map(({ place, state }) => [place, state])).toEqual([
    [join(folder, 'd', 'a'), 'same'],
    [join(folder, 'd', 'a.rejects.csv'), 'gone'],
  ]);
});

test('stdout and devices are left alone', async () => {
  expect(await check('/j', committed(1, 'stdout', 'a'), committed(2, '/dev/null', 'a'))).toEqual([]);
});

test.skipIf(process.getuid?.() === 0)('what may not be read is said to be unreadable', async () => {
  const folder = openFolder();
  const a = join(folder, 'a');
  writeFileSync(a, 'one');
  chmodSync(a, 0o000);
  expect(states(await check(join(folder, 'j'), committed(1, a, 'one')))).toEqual([['output', 'unreadable']]);
  rmSync(a);
});
