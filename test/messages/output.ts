import { EventEmitter } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { deathError, memoryError, memoryUnseen, startError } from '#src/job/failures.js';
import { watchSignals } from '#src/cli/signals.js';
import { asDefect } from '#src/errors/transfer.js';
import { takeLock } from '#src/files/lock.js';
import { appendFailure, readFailure } from '#src/journal/failure.js';
import { verifyJournal } from '#src/journal/verify.js';
import { openJournal } from '#src/journal/writer.js';
import { outputFailure } from '#src/publish/failure.js';
import { lockOutput } from '#src/publish/output-lock.js';
import { score } from '#src/run/score.js';
import { sampleRun, START } from '../journal/samples.js';
import { fixture } from '../support/command.js';
import { systemError } from './material.js';
import { endlessModel } from '../job/models.js';
import type { Scene } from './scene.js';

const DATA = { 'data.csv': 'id,x\na,1\nb,2\n' };
const LINE = 'scoreline score -m single.onnx data.csv -o scores.csv';
const line = (code: string, about: string, text: string, more: Partial<Scene> = {}): Scene => ({ code, about, links: ['single.onnx'], files: DATA, line: text, ...more }); // prettier-ignore

/** What only another disk, mount or user can say: the system's error, through what every output goes through. */
const refused = (code: string, about: string, system: string, action: 'create' | 'write' | 'sync' | 'publish', bytes?: number): Scene => ({
  code,
  about,
  call: {
    shown: LINE,
    run: () => {
      throw outputFailure(systemError(system, 'as the system says it'), { name: 'scores.csv', action, ...(bytes === undefined ? {} : { bytes }) });
    },
  },
});
const unwritten = (code: string, about: string, system: string): Scene => ({
  code,
  about,
  call: { shown: LINE, run: () => { throw appendFailure(systemError(system, 'as the system says it'), 'scores.csv.journal.jsonl'); } },
}); // prettier-ignore

/** What is wrong with the output or the journal, and how a run may be ended: 70, 73, 74, 75, 77, 130, 143. */
export const OUTPUT: readonly Scene[] = [
  line('output-folder-missing', 'no such folder', 'scoreline score -m single.onnx data.csv -o no/such/scores.csv'),
  line('gate-withheld', 'a gate keeps the predictions back', `${LINE} --gate 'rows>=1000:withhold'`),
  line('gate-withheld', 'a gate that is broken before the end of the input', `${LINE} --gate 'rows<=1:withhold'`),
  line('gate-withheld', 'predictions that went to a pipe already', "scoreline score -m single.onnx --gate 'rows>=1000:withhold'", { stdin: DATA['data.csv'] }),
  line('output-is-directory', 'a folder', 'scoreline score -m single.onnx data.csv -o scores', { files: { ...DATA, 'scores/old.csv': '' } }),
  line('output-exists', 'told not to replace it', `${LINE} --no-clobber`, { files: { ...DATA, 'scores.csv': 'old\n' } }),
  line('output-exists', 'a sample that is there', 'scoreline inspect single.onnx --sample-input sample.csv', { files: { 'sample.csv': 'mine\n' } }),
  line('output-name-too-long', 'a long name', `scoreline score -m single.onnx data.csv -o ${'a'.repeat(300)}.csv`),
  line('output-name-too-long', 'a name that has no room for the suffix of the rejects', `scoreline score -m single.onnx data.csv --no-journal -o ${'a'.repeat(245)}.csv`),
  line('output-link-loop', 'links that lead to each other', LINE, { prepare: () => { symlinkSync('b.csv', 'scores.csv'); symlinkSync('scores.csv', 'b.csv'); } }),
  line('output-special', 'a socket', 'scoreline score -m single.onnx data.csv -o socket', { prepare: listening }),
  { code: 'output-locked', about: 'another run into the same output', call: { shown: LINE, run: lockedOutput } },
  { code: 'output-lock-failed', about: 'a filesystem without locks', call: { shown: LINE, run: () => lockOutput('scores.csv', { flockCommands: ['false-flock', 'env'] }) } },
  line('run-state-foreign', 'a link that somebody planted', LINE, { prepare: () => symlinkSync('elsewhere', '.scores.csv.scoreline-run') }),
  line('planted-link', 'a link beside the output that nobody named', LINE, { prepare: () => symlinkSync('elsewhere', 'scores.csv.rejects.csv') }),
  refused('output-permission', 'a folder of somebody else', 'EACCES', 'create'),
  refused('output-read-only', 'a disk that is mounted for reading', 'EROFS', 'create'),
  refused('output-busy', 'a file that is itself mounted, as into a container', 'EBUSY', 'publish'),
  refused('no-space', 'a full disk', 'ENOSPC', 'write', 1_048_576),
  refused('output-too-large', 'a limit on the size of files', 'EFBIG', 'write', 1_048_576),
  refused('write-failed', 'a failing disk', 'EIO', 'write', 1_048_576),
  refused('sync-failed', 'a failing disk, found when it is told to keep the data', 'EIO', 'sync', 1_048_576),

  line('journal-folder-missing', 'no such folder', `${LINE} --journal no/such/journal.jsonl`),
  line('journal-not-a-file', 'a folder', `${LINE} --journal journals`, { files: { ...DATA, 'journals/a.jsonl': '' } }),
  line('journal-name-too-long', 'a name that has no room for the suffix of the journal', `scoreline score -m single.onnx data.csv --rejects bad.csv -o ${'a'.repeat(236)}.csv`),
  unwritten('journal-permission', 'a folder of somebody else', 'EACCES'),
  unwritten('journal-write', 'a full disk', 'ENOSPC'),
  unwritten('journal-write', 'a failing disk', 'EIO'),
  { code: 'journal-link', about: 'a link that somebody planted when the run had begun', call: { shown: LINE, run: plantedJournal } },
  { code: 'journal-locked', about: 'another run that hangs', call: { shown: LINE, run: locked } },
  { code: 'commit-not-recorded', about: 'the journal went away during the run', call: { shown: LINE, run: unrecorded } },
  { code: 'journal-missing', about: 'as a library: no such journal', call: { shown: "verifyJournal('journal.jsonl')", run: () => verifyJournal('journal.jsonl') } },
  { code: 'journal-read', about: 'as a library: a failing disk', call: { shown: "verifyJournal('journal.jsonl')", run: () => { throw readFailure(systemError('EIO', 'i/o error, read'), 'journal.jsonl'); } } },

  { code: 'interrupted', about: 'Ctrl-C', call: { shown: `${LINE}   # and Ctrl-C`, run: () => signalled('SIGINT') } },
  { code: 'terminated', about: 'stopped by a scheduler', call: { shown: `${LINE}   # and kill`, run: () => signalled('SIGTERM') } },
  { code: 'hung-up', about: 'the ssh session went away', call: { shown: `${LINE}   # and the connection breaks`, run: () => signalled('SIGHUP') } },
  { code: 'deadline', about: 'more rows than the time allows', files: { 'm.onnx': endlessModel(), 'data.csv': 'X\n1\n' }, line: `scoreline score -m m.onnx data.csv -o scores.csv --deadline 1s` },
  { code: 'memory-exceeded', about: 'a limit of --max-memory', call: { shown: `${LINE} --max-memory 500MB`, run: () => { throw memoryError(500 << 20, 731 << 20, 'data.csv'); } } },
  { code: 'memory-exceeded', about: 'the machine has no memory left', call: { shown: `${LINE} --deadline 20m`, run: () => { throw deathError({ status: null, signal: 'SIGKILL' }, 'data.csv'); } } },
  { code: 'memory-unseen', about: 'a system without /proc', call: { shown: `${LINE} --max-memory 500MB`, run: () => { throw memoryUnseen(); } } },
  { code: 'runtime-crashed', about: 'native code that fails', call: { shown: `${LINE} --deadline 20m`, run: () => { throw deathError({ status: null, signal: 'SIGSEGV' }, 'data.csv'); } } },
  { code: 'no-process', about: 'no more processes', call: { shown: `${LINE} --deadline 20m`, run: () => { throw startError(systemError('EAGAIN', 'resource temporarily unavailable')); } } },
  { code: 'defect', about: 'what must not happen', call: { shown: LINE, run: () => { throw asDefect(new TypeError("Cannot read properties of undefined (reading 'rows')")); } } },
  { code: 'too-many-open-files', about: 'a small limit on open files', call: { shown: LINE, run: () => { throw asDefect(systemError('EMFILE', 'too many open files')); } } },
]; // prettier-ignore

function listening(): () => void {
  const server = createServer().listen('socket');
  return () => void server.close();
}

async function locked(): Promise<void> {
  const lock = await takeLock('scores.csv.journal.jsonl.lock', { mode: 0o644, waitMs: 0, onFallback: () => undefined });
  try {
    await (await openJournal('scores.csv.journal.jsonl', { lockWaitMs: 20 })).append({ kind: 'START', run: sampleRun(1), record: START });
  } finally {
    await lock.release();
  }
}

async function lockedOutput(): Promise<void> {
  const lock = await lockOutput('scores.csv');
  try {
    await lockOutput('scores.csv');
  } finally {
    await lock.release();
  }
}

async function unrecorded(): Promise<void> {
  mkdirSync('journals');
  const onProgress = (): void => rmSync('journals', { recursive: true, force: true });
  await score({ model: fixture('types', 'single.onnx'), input: Readable.from('x\n1\n'), output: new PassThrough().resume(), journal: 'journals/scores.jsonl', onProgress });
} // prettier-ignore

async function signalled(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): Promise<void> {
  const host = Object.assign(new EventEmitter(), { pid: 0, kill: () => undefined });
  const { signal } = watchSignals(host);
  host.emit(name);
  await score({ model: fixture('types', 'single.onnx'), input: Readable.from('x\n1\n'), output: 'scores.csv', signal });
}

/** Before the run begins it is `planted-link`. */
async function plantedJournal(): Promise<void> {
  symlinkSync('elsewhere', 'scores.csv.journal.jsonl');
  await openJournal('scores.csv.journal.jsonl', { followLinks: false });
}
