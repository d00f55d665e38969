import { expect, test } from 'vitest';
import { thisProcess } from '#src/files/process-identity.js';
import { abortsOfDead, nextOpen } from '#src/journal/open-runs.js';

const dead = { ...thisProcess(), pid: 2 ** 22 - 1, startTime: '1' };
const prepared = nextOpen(nextOpen([], { run: 'a', kind: 'START', process: dead }), {
  run: 'a',
  kind: 'PREPARE',
  output: { path: '/spool/out.csv' },
});
const abortedBy = (held: string | undefined): string[] => abortsOfDead(prepared, 'b', held).map(({ run }) => run);

test('a dead run that had prepared is left to whoever takes the lock of its output', () => {
  expect(abortedBy(undefined)).toEqual([]);
  expect(abortedBy('/spool/other.csv')).toEqual([]);
});

test('who has that lock and finds it still open ends it: its PREPARE was never followed by what it takes to go on', () => {
  expect(abortedBy('/spool/out.csv')).toEqual(['a']);
});
