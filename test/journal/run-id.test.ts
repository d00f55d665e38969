import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { runId, runTime } from '#src/journal/run-id.js';

test('the example of RFC 9562, appendix A.6', () => {
  const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
  expect(runId(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('ids are of version 7, variant 10, and sort by time', () => {
  const ids = [0, 1, 255, 1_760_000_000_000, 2 ** 48 - 1].map((ms) => runId(ms, randomBytes(10)));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(ids.map(runTime)).toEqual([0, 1, 255, 1_760_000_000_000, 2 ** 48 - 1]);
});

test('no time, or too little chance, is a defect', () => {
  for (const [ms, bytes] of [
    [-1, 10],
    [1.5, 10],
    [2 ** 48, 10],
    [0, 9],
  ] as const)
    expect(() => runId(ms, randomBytes(bytes))).toThrow(/run id/);
});
