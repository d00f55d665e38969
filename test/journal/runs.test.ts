import { expect, test } from 'vitest';
import { decodeEntry, encodeEntry, GENESIS, type Entry, type EntryDraft } from '#src/journal/entry.js';
import { RunMerge } from '#src/journal/runs.js';
import { runTime } from '#src/journal/run-id.js';
import { sampleDrafts, sampleRun, START } from './samples.js';

function entryOf(draft: EntryDraft): Entry {
  const decoded = decodeEntry(encodeEntry(draft, '2025-10-09T08:53:20.000Z', GENESIS).line.subarray(0, -1));
  if (!decoded.ok) throw new Error(decoded.fault);
  return decoded.entry;
}

test('each run is given once, with all its lines, when it ends', () => {
  const merge = new RunMerge();
  const runs = sampleDrafts().flatMap((draft) => merge.add(entryOf(draft), 'j'));
  expect(runs.map(({ run, status }) => [run, status])).toEqual([
    [sampleRun(1), 'committed'],
    [sampleRun(2), 'failed'],
    [sampleRun(3), 'aborted'],
    [sampleRun(4), 'failed'],
    [sampleRun(5), 'committed'],
  ]);
  expect(runs[0]).toMatchObject({ checkpoints: 1, prepare: { kind: 'PREPARE' }, start: { kind: 'START' }, end: { kind: 'COMMIT' } });
  expect(merge.rest()).toEqual([]);
});

test('runs may overlap; those without an end come last, in the order of their start', () => {
  const merge = new RunMerge();
  const start = (n: number) => merge.add(entryOf({ kind: 'START', run: sampleRun(n), record: START }), 'j');
  expect([start(1), start(2), start(3)].flat()).toEqual([]);
  const ended = merge.add(entryOf({ kind: 'ABORT', run: sampleRun(2), record: { reason: 'died', by: null } }), 'j.1');
  expect(ended).toMatchObject([{ run: sampleRun(2), status: 'aborted', file: 'j.1' }]);
  expect(merge.rest().map(({ run, status }) => [run, status])).toEqual([[sampleRun(1), 'open'], [sampleRun(3), 'open']]); // prettier-ignore
});

test('a run whose start is in an earlier file is told of all the same, its start by its id', () => {
  const [run] = new RunMerge().add(entryOf({ kind: 'ABORT', run: sampleRun(7), record: { reason: 'rebooted', by: null } }), 'j');
  expect(run).toMatchObject({ status: 'aborted', start: undefined, startedMs: runTime(sampleRun(7)) });
});

test('no more runs are held than is said, however many die', () => {
  const merge = new RunMerge(2);
  const given = [1, 2, 3, 4].flatMap((n) => merge.add(entryOf({ kind: 'START', run: sampleRun(n), record: START }), 'j'));
  expect(given.map(({ run, status }) => [run, status])).toEqual([[sampleRun(1), 'open'], [sampleRun(2), 'open']]); // prettier-ignore
  expect(merge.rest()).toHaveLength(2);
});
