import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { encodeEntry, GENESIS } from '#src/journal/entry.js';
import { JournalTail } from '#src/journal/tail.js';
import { openJournal } from '#src/journal/writer.js';
import { openFolder } from './folder.js';
import { sampleDrafts, sampleRun, START } from './samples.js';

function openTail(path: string): { readonly seqs: () => Promise<(number | string)[]> } {
  const tail = new JournalTail(path);
  onTestFinished(() => tail.close());
  return {
    seqs: async () => {
      const seen: (number | string)[] = [];
      for await (const { decoded } of tail.drain()) seen.push(decoded.ok ? decoded.link.seq : decoded.fault);
      return seen;
    },
  };
}

test('lines are given once, as they come', async () => {
  const path = join(openFolder(), 'j');
  const { seqs } = openTail(path);
  expect(await seqs()).toEqual([]);
  const journal = await openJournal(path);
  for (const draft of sampleDrafts().slice(0, 3)) await journal.append(draft);
  expect(await seqs()).toEqual([1, 2, 3]);
  expect(await seqs()).toEqual([]);
  await journal.append({ kind: 'START', run: sampleRun(9), record: START });
  expect(await seqs()).toEqual([4]);
});

test('a line half-written is given when it is whole', async () => {
  const path = join(openFolder(), 'j');
  const { line } = encodeEntry({ kind: 'START', run: sampleRun(1), record: START }, '2025-10-09T08:53:20.000Z', GENESIS);
  writeFileSync(path, line.subarray(0, 100));
  const { seqs } = openTail(path);
  expect(await seqs()).toEqual([]);
  appendFileSync(path, line.subarray(100));
  expect(await seqs()).toEqual([1]);
});

test('a rotation by rename loses no line, whenever it is looked at', async () => {
  const path = join(openFolder(), 'j');
  const journal = await openJournal(path);
  const append = () => journal.append({ kind: 'START', run: sampleRun(1), record: START });
  await append();
  const { seqs } = openTail(path);
  expect(await seqs()).toEqual([1]);
  await append();
  renameSync(path, `${path}.1`);
  expect(await seqs()).toEqual([2]); // renamed, and no new file yet
  writeFileSync(path, ''); // logrotate's `create`: no line yet
  expect(await seqs()).toEqual([]);
  appendFileSync(`${path}.1`, '{"torn');
  await append();
  await append();
  expect(await seqs()).toEqual(['torn', 3, 4]);
});

test('a file that was emptied in place is read from its start again', async () => {
  const path = join(openFolder(), 'j');
  const journal = await openJournal(path);
  for (const draft of sampleDrafts().slice(0, 3)) await journal.append(draft);
  const { seqs } = openTail(path);
  expect(await seqs()).toEqual([1, 2, 3]);
  truncateSync(path);
  await journal.append({ kind: 'START', run: sampleRun(9), record: START });
  expect(await seqs()).toEqual([4]);
});
