import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { takeLock } from '#src/files/lock.js';
import { checkJob } from '#src/job/check/check-job.js';
import { stampOf } from '#src/job/inputs.js';
import type { Job } from '#src/job/job.js';
import { appendToLedger } from '#src/publish/ledger.js';
import { fixture, tempFolder } from '../support/command.js';
import type { Scene } from './scene.js';

const X = 'id,x\na,1\n';
const lines = (...more: readonly string[]): string =>
  ['model: single.onnx', 'input: inbox/*.csv', 'output: scores/{stem}.csv', 'keep: [id]', 'settle: 0s', ...more, ''].join('\n');

/** A job with an input, and a folder for its output. */
const job = (text: string = lines(), inputs: Readonly<Record<string, string>> = { 'inbox/a.csv': X }) =>
  ({ links: ['single.onnx'], files: { 'nightly.yaml': text, 'scores/.keep': '', 'inbox/.keep': '', ...inputs } }) as const;

const RUN = 'scoreline run nightly.yaml -q';

/** What is wrong with a job file, with the inputs of a job or with its state. */
export const JOBS: readonly Scene[] = [
  { code: 'missing-job', about: 'no job file', line: 'scoreline run' },
  { code: 'missing-job', about: 'nothing to check', line: 'scoreline check' },
  { code: 'job-missing', about: 'no such job file', line: RUN },
  { code: 'job-unreadable', about: 'a folder', line: 'scoreline run . -q' },
  { code: 'job-not-yaml', about: 'a bracket that is not closed', ...job('input: [inbox\nmodel: m.onnx\n'), line: RUN },
  { code: 'job-not-yaml', about: 'a list, no keys', ...job('- model\n'), line: RUN },
  { code: 'job-not-yaml', about: 'a key twice', ...job(lines('settle: 1s')), line: RUN },
  { code: 'job-unknown-key', about: 'a slip', ...job(lines('maxReject: 1%')), line: RUN },
  { code: 'job-unknown-key', about: 'a key that there is none of', ...job(lines('schedule: nightly')), line: RUN },
  { code: 'job-missing-key', about: 'columns to keep are not said', ...job(lines().replace('keep: [id]\n', '')), line: RUN },
  { code: 'job-missing-key', about: 'no output', ...job('model: single.onnx\ninput: inbox/*.csv\nkeep: none\n'), line: RUN },
  { code: 'job-invalid', about: 'a time without its unit', ...job(lines('maxInputAge: 26')), line: RUN },
  { code: 'job-invalid', about: 'a time of day that there is none of', ...job(lines('expect: { new: 1, by: "6:00" }')), line: RUN },
  { code: 'job-invalid', about: 'a flag with a wrong value', ...job(lines('maxRejects: many')), line: RUN },
  { code: 'job-invalid', about: 'a word for a switch', ...job(lines('trim: yes')), line: RUN },
  { code: 'job-template', about: 'a slip in a placeholder', ...job(lines().replace('{stem}', '{stm}')), line: RUN },
  { code: 'job-output-is-input', about: 'the next run would score the scores', ...job(lines().replace('scores/{stem}', 'inbox/{stem}-scored')), line: RUN },
  { code: 'job-shared-output', about: 'two inputs, one output', ...job(lines().replace('{stem}', 'all'), { 'inbox/a.csv': X }), line: RUN, prepare: () => appendToLedger('nightly.ledger.jsonl', [published('b.csv', 'scores/all.csv')]) },
  { code: 'job-shared-output', about: 'inputs of one name in two folders', ...job(lines().replace('inbox/*', 'inbox/**/*'), { 'inbox/a.csv': X, 'inbox/north/a.csv': X }), line: RUN, prepare: () => appendToLedger('nightly.ledger.jsonl', [published('a.csv', 'scores/a.csv')]) },
  { code: 'job-foreign-output', about: 'a file that the job has not published', ...job(), line: RUN, prepare: () => writeFileSync('scores/a.csv', 'of another job\n') },
  { code: 'job-state-taken', about: 'another job file of that name', ...job(), line: RUN, prepare: otherJobFile },
  { code: 'job-not-yaml', about: 'a placeholder without quotes', ...job(lines().replace('scores/{stem}', '{stem}')), line: RUN },
  { code: 'job-invalid', about: 'a placeholder alone, without quotes', ...job(lines('after: { move: {date} }')), line: RUN },
  { code: 'unknown-column', about: 'in a job: a column to keep that is not there', ...job(lines().replace('[id]', '[ids]')), line: RUN },
  { code: 'job-path-escapes', about: 'the name of an input leads out of the folder', ...job(lines().replace('scores/{stem}.csv', 'scores/{stem}').replace('*.csv', '.*.csv'), { 'inbox/...csv': X }), line: RUN },
  { code: 'job-locked', about: 'another run is at work', ...job(), line: 'scoreline run nightly.yaml -v', prepare: () => hold('nightly.lock') },
  { code: 'job-state', about: 'no such folder', ...job(lines('stateDir: state')), line: RUN },
  { code: 'job-state', about: 'a folder that may not be written', ...job(lines('stateDir: /sys')), line: RUN },
  { code: 'job-folder', about: 'within check: the folder of the output is not there', call: { shown: 'scoreline check nightly.yaml', run: folderFinding } },
  { code: 'notify-missing', about: 'within check: the command of notify is not there', call: { shown: 'scoreline check nightly.yaml', run: commandFinding } },
  { code: 'notify-foreign', about: 'a job file that names a command, and everybody may write to', ...job(lines('notify: [mail, ops@example.org]')), line: RUN, prepare: () => chmodSync('nightly.yaml', 0o666) },
  { code: 'job-invalid', about: 'a command as one text, which only a shell would take apart', ...job(lines('notify: mail ops@example.org')), line: RUN },
  { code: 'input-folder-missing', about: 'no such folder', ...job(lines().replace('inbox', 'outbox')), line: RUN },
  { code: 'input-link', about: 'the input itself is a link', ...job(lines().replace('inbox/*.csv', 'current.csv')), line: RUN, prepare: () => symlinkSync('inbox/a.csv', 'current.csv') },
  { code: 'input-too-old', about: 'older than the job allows', ...job(lines('maxInputAge: 26h')), line: RUN, prepare: () => utimesSync('inbox/a.csv', 1.7e9, 1.7e9) },
  { code: 'expected-input-missing', about: 'nothing came', ...job(lines('expect: { new: 1, by: "03:00" }', 'zone: UTC'), {}), line: RUN },
  { code: 'run-deadline', about: 'the time of the whole run is up', ...job(lines('runDeadline: 0s')), line: RUN },
  { code: 'output-escapes', about: 'a link planted where the output goes', ...job(), line: RUN, prepare: () => symlinkSync('../elsewhere.csv', 'scores/a.csv') },
  { code: 'output-not-as-published', about: 'predictions that are gone before the input is deleted', ...job(lines('after: delete')), line: RUN, prepare: () => appendToLedger('nightly.ledger.jsonl', [published('a.csv', 'scores/a.csv')]) },
  { code: 'input-not-moved', about: 'the archive is not there', ...job(lines('after: { move: archive }')), line: RUN },
  { code: 'ledger-permission', about: 'may not be written', call: { shown: 'scoreline run nightly.yaml', run: () => appendToLedger('/sys/nightly.ledger.jsonl', [{}]) } },
  { code: 'ledger-permission', about: 'a folder in its place', ...job(), line: RUN, prepare: () => mkdirSync('nightly.ledger.jsonl') },
  { code: 'ledger-failed', about: 'a link to itself in its place', ...job(), line: RUN, prepare: () => symlinkSync('nightly.ledger.jsonl', 'nightly.ledger.jsonl') },
  { code: 'ledger-locked', about: 'another process keeps its lock', call: { shown: 'scoreline run nightly.yaml', run: lockedLedger } },
]; // prettier-ignore

export const JOB_WARNINGS: readonly Scene[] = [
  {
    code: 'output-gone',
    about: 'predictions were taken away, their input was not',
    ...job(),
    line: 'scoreline run -v nightly.yaml',
    prepare: () => appendToLedger('nightly.ledger.jsonl', [published('a.csv', 'scores/a.csv')]),
  },
  {
    code: 'output-changed',
    about: 'predictions were replaced by somebody else',
    ...job(),
    line: 'scoreline run -v nightly.yaml',
    prepare: () => {
      writeFileSync('scores/a.csv', 'others');
      return appendToLedger('nightly.ledger.jsonl', [published('a.csv', 'scores/a.csv')]);
    },
  },
  {
    code: 'notify-failed',
    about: 'the command for verdicts',
    ...job(lines('gate: rows>=100', 'notify: [grep, churn, /no/such/file]')),
    line: 'scoreline run -v nightly.yaml',
  },
  {
    code: 'ledger-damaged',
    about: 'a line of the ledger was changed',
    ...job(),
    line: 'scoreline run -v nightly.yaml',
    prepare: () => writeFileSync('nightly.ledger.jsonl', '{"kind":"published"}\n'),
  },
  {
    code: 'input-is-link',
    about: 'a link among the inputs',
    ...job(),
    line: 'scoreline run -v nightly.yaml',
    prepare: () => symlinkSync('/dev/null', 'inbox/l.csv'),
  },
  {
    code: 'input-not-a-file',
    about: 'a pipe among the inputs',
    ...job(),
    line: 'scoreline run -v nightly.yaml',
    prepare: () => void execFileSync('mkfifo', ['inbox/f.csv']),
  },
  {
    code: 'input-name-encoding',
    about: 'a name in Latin-1',
    ...job(),
    line: 'scoreline run -v nightly.yaml',
    prepare: () => writeFileSync(Buffer.concat([Buffer.from(`${process.cwd()}/inbox/caf`), Buffer.from([0xe9]), Buffer.from('.csv')]), X),
  },
];

/** The line of a ledger that says that an input, with the content of X, was published. */
function published(name: string, output: string) {
  const path = resolve('inbox', name);
  const stats = lstatSync(resolve('inbox', 'a.csv'), { bigint: true });
  const paths = { output: resolve(output), rejects: null, journal: null, templates: '' };
  const sha256 = createHash('sha256').update(X).digest('hex');
  return {
    kind: 'published',
    at: '2026-01-01T00:00:00.000Z',
    run: '01900000-0000-7000-8000-000000000000',
    name,
    sha256,
    path,
    stamp: stampOf(stats),
    paths,
    output: { path: resolve(output), bytes: 1, sha256 },
  };
}

/** The ledger is of a job file in another folder. */
async function otherJobFile(): Promise<void> {
  mkdirSync('other');
  writeFileSync('other/nightly.yaml', lines());
  const file = resolve('other/nightly.yaml');
  await appendToLedger('nightly.ledger.jsonl', [{ kind: 'job', at: '2026-01-01T00:00:00.000Z', file, real: file, below: 'other/nightly.yaml' }]);
}

/** Holds a lock until the scene is over. */
async function hold(path: string) {
  const lock = await takeLock(path, { mode: 0o644, waitMs: 0, onFallback: () => undefined });
  return () => lock.release();
}

async function lockedLedger(): Promise<void> {
  const free = await hold('nightly.ledger.jsonl.lock');
  try {
    await appendToLedger('nightly.ledger.jsonl', [{}], 0);
  } finally {
    await free();
  }
}

/** Throws what a check finds wrong with the folder of an output. */
function folderFinding(): Promise<void> {
  return finding('job-folder');
}

function commandFinding(): Promise<void> {
  return finding('notify-missing', { notify: { argv: ['pagerduty', 'churn'], folder: '/', foreign: undefined } });
}

async function finding(code: string, more: Partial<Job> = {}): Promise<void> {
  const folder = tempFolder();
  const job: Job = {
    file: 'nightly.yaml',
    name: 'nightly',
    sources: [],
    output: resolve('nowhere/{stem}.csv'),
    rejects: undefined,
    journal: false,
    stateDir: folder,
    options: { model: fixture('types', 'single.onnx') },
    settleMs: 0,
    doneMarker: undefined,
    identity: 'name-and-content',
    followLinks: false,
    after: { kind: 'keep' },
    rememberMs: 0,
    maxInputAgeMs: undefined,
    expect: undefined,
    zone: undefined,
    runDeadlineMs: undefined,
    lowPriority: false,
    sinks: {},
    notify: undefined,
    ...more,
  };
  const findings = await checkJob(job, { nowMs: 0, deadlineMs: undefined, path: '/usr/bin:/bin', signal: new AbortController().signal });
  throw findings.find(({ error }) => error?.code === code)?.error ?? new Error('nothing was found');
}
