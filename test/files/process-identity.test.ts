import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { asProcessIdentity, fateOf, thisProcess } from '#src/files/process-identity.js';

const own = thisProcess();
const startTime = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';

test('this process lives, and comes back from JSON', () => {
  expect(fateOf(own)).toBe('alive');
  expect(asProcessIdentity(JSON.parse(JSON.stringify(own)))).toEqual(own);
  expect([own.pid, own.startTime]).toEqual([process.pid, startTime(process.pid)]);
});

test('a process that ended died, also where its pid went to another', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const known = { ...own, pid: child.pid ?? 0, startTime: startTime(child.pid ?? 0) };
  expect(fateOf(known)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(fateOf(known)).toBe('died');
  expect(fateOf({ ...own, startTime: '1' })).toBe('died');
});

test.each([
  [{ bootId: 'an-earlier-one' }, 'rebooted'],
  [{ bootId: 'an-earlier-one', host: 'another' }, 'unknown'],
  [{ host: 'another' }, 'unknown'],
  [{ pidNamespace: 'pid:[1]' }, 'unknown'],
  [{ bootId: '' }, 'unknown'],
])('%j: %s', (other, fate) => {
  expect(fateOf({ ...own, ...other })).toBe(fate);
});

test.each([[null], ['text'], [{}], [{ ...own, pid: 'x' }], [{ ...own, pid: 0 }], [{ ...own, host: 1 }]])('%j is no identity', (value) => {
  expect(asProcessIdentity(value)).toBeUndefined();
});
