import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endlessModel } from '../job/models.js';
import { ticksOf, until } from '../job/processes.js';
import { scoreline, tempFolder } from '../support/command.js';

test.each([
  ['SIGTERM', 'terminated'],
  ['SIGINT', 'interrupted'],
  ['SIGHUP', 'hung-up'],
] as const)('%s ends a run whose model never comes back by that signal, unsupervised too: one message, FAIL, nothing left', async (signal, code) => {
  const folder = tempFolder();
  const at = (name: string): string => join(folder, name);
  const journal = at('out.csv.journal.jsonl');
  writeFileSync(at('m.onnx'), endlessModel());
  writeFileSync(at('in.csv'), 'X\n1\n2\n');
  writeFileSync(at('out.csv'), 'old\n');
  let sentMs = 0;
  const run = await scoreline(['score', '-m', at('m.onnx'), at('in.csv'), '-o', at('out.csv')], {
    during: (child) =>
      void (async () => {
        await until(() => existsSync(journal) && readFileSync(journal, 'utf8').includes('"START"'));
        const before = ticksOf(child.pid!);
        await until(() => ticksOf(child.pid!) > before + 30); // it is in the loop
        sentMs = performance.now();
        child.kill(signal);
      })(),
  });
  expect(run).toMatchObject({ status: null, signal });
  expect(performance.now() - sentMs).toBeLessThan(8000);
  expect(run.stderr.split('\n').filter((line) => line.startsWith('scoreline: '))).toHaveLength(1);
  const last = JSON.parse(readFileSync(journal, 'utf8').trimEnd().split('\n').at(-1) ?? '') as unknown;
  expect(last).toMatchObject({ kind: 'FAIL', error: { code } });
  expect([readFileSync(at('out.csv'), 'utf8'), readdirSync(folder).filter((name) => name.startsWith('.'))]).toEqual(['old\n', []]);
});
