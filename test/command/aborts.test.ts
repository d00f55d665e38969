import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { thisProcess } from '#src/files/process-identity.js';
import type { Entry } from '#src/journal/entry.js';
import { readEntries } from '#src/journal/reader.js';
import { verifyJournal } from '#src/journal/verify.js';
import { openJournal } from '#src/journal/writer.js';
import { until } from '../job/processes.js';
import { sampleRun, START } from '../journal/samples.js';
import { COMMAND, fixture, scoreline, tempFolder } from '../support/command.js';

const SINGLE = ['score', '-m', fixture('types', 'single.onnx')];
const INPUT = 'id,x\na,1\n';

async function entriesOf(journal: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of readEntries(journal)) entries.push(entry);
  return entries;
}

/** A run to stdout, which has no lock that would show its death: only the journal knows of it. */
const runInto = (journal: string) => scoreline([...SINGLE, '--journal', journal], { stdin: INPUT });

test('a run to stdout that was killed gets its ABORT from the next run into the same journal', async () => {
  const journal = join(tempFolder(), 'j.jsonl');
  const child = spawn(process.execPath, [COMMAND, ...SINGLE, '--journal', journal], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined).write(INPUT);
  child.stdin.write('b,2\n'.repeat(300_000)); // a chunk is full, so the run begins; stdin stays open, so it does not end
  await until(() => existsSync(journal) && readFileSync(journal, 'utf8').endsWith('\n'));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await runInto(journal)).toMatchObject({ status: 0, stderr: '' });
  const [dead, abort, ...rest] = await entriesOf(journal);
  expect([dead?.kind, ...rest.map(({ kind }) => kind)]).toEqual(['START', 'START', 'COMMIT']);
  expect(abort).toMatchObject({ kind: 'ABORT', run: dead?.run, reason: 'died', by: rest[0]?.run });
  expect(await verifyJournal(journal)).toMatchObject({ ok: true, open: [] });
});

test.each([
  ['of another boot is aborted as rebooted', { bootId: 'another-boot' }, 'rebooted'],
  ['whose pid belongs to another process by now is aborted as died', { startTime: '1' }, 'died'],
  ['that is alive is let be', {}, undefined],
  ['of another host is let be: nothing is known of it', { host: 'another', bootId: 'another-boot' }, undefined],
  ['of another container is let be', { pidNamespace: 'pid:[1]' }, undefined],
])('an open run %s', async (_, differs, reason) => {
  const path = join(tempFolder(), 'j.jsonl');
  const journal = await openJournal(path);
  const run = sampleRun(1);
  await journal.append({ kind: 'START', run, record: { ...START, process: { ...thisProcess(), ...differs } } });
  expect(await runInto(path)).toMatchObject({ status: 0, stderr: '' });
  const aborts = (await entriesOf(path)).filter(({ kind }) => kind === 'ABORT');
  expect(aborts).toMatchObject(reason === undefined ? [] : [{ run, reason }]);
  const { ok, open } = await verifyJournal(path);
  expect([ok, open.length]).toEqual([true, reason === undefined ? 1 : 0]);
});

test('a run that was prepared is not aborted by whoever comes to its journal, only by who has its output', async () => {
  const path = join(tempFolder(), 'j.jsonl');
  const journal = await openJournal(path);
  const run = sampleRun(1);
  await journal.append({ kind: 'START', run, record: { ...START, process: { ...thisProcess(), startTime: '1' } } });
  await journal.append({ kind: 'PREPARE', run, record: { output: null, rejects: null, removes: null } });
  expect(await runInto(path)).toMatchObject({ status: 0 });
  expect((await entriesOf(path)).map(({ kind }) => kind)).toEqual(['START', 'PREPARE', 'START', 'COMMIT']);
});
