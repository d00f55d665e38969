import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { JobError, ScorelineError } from '../errors/errors.js';
import { nearMisses } from '../errors/nearest.js';
import { plainValue, spotOf, type YamlEntry } from '../files/yaml.js';
import { parseJobDocument, unquotedPlaceholder } from './document.js';
import { sourceOf } from './glob.js';
import type { After, Job, JobOptions, JobSinks, Notify } from './job.js';
import { foreignAuthor } from './notify.js';
import { JOB_KEYS, readJobKeys, type JobKeys } from './schema.js';
import { checkTemplates } from './template.js';

/** What of a job file the caller reads: the flags of `scoreline score`, by the names that they have as keys. */
export interface FlagKeys {
  readonly names: readonly string[];
  /** Flags that a job has no use for, and why. */
  readonly refused: Readonly<Record<string, string>>;
  /** Reads the entries of these names. Paths are made absolute from `folder`. Throws JobError with the place of the entry. */
  readonly read: (entries: readonly YamlEntry[], file: string, folder: string) => FlagValues;
}

export interface FlagValues {
  readonly model: string | undefined;
  readonly options: Omit<JobOptions, 'model'>;
  /** Paths with placeholders. */
  readonly rejects: string | undefined;
  readonly journal: string | false | undefined;
  readonly stateDir: string | undefined;
  /** Were columns to keep named? */
  readonly keepSaid: boolean;
}

/** More is no job file. */
const LARGEST_BYTES = 1 << 20;
const DEFAULT_SETTLE_MS = 5000;
/** 400 days: what comes once a year is known when it comes again. */
const DEFAULT_REMEMBER_MS = 400 * 86_400_000;

/**
 * Reads a job file. `stateDirectory` is what systemd gives ($STATE_DIRECTORY), for jobs that name no state folder.
 *
 * @throws JobError `job-missing` (66), `job-unreadable`, `job-not-yaml`, `job-unknown-key`, `job-missing-key`, `job-invalid` and what `flags.read` throws (78), each with
 * line and character where there is one.
 */
export async function loadJob(file: string, flags: FlagKeys, stateDirectory: string | undefined): Promise<Job> {
  const { text, foreign } = await readText(file);
  const entries = parseJobDocument(text, file);
  checkKeys(entries, file, flags);
  const folder = dirname(resolve(file));
  const keys = readOwnKeys(entries, file);
  const values = flags.read(
    entries.filter(({ key }) => flags.names.includes(key) && !JOB_KEYS.includes(key)),
    file,
    folder,
  );
  const { model } = values;
  if (model === undefined) throw missingKey(file, 'model', 'Add a line such as: model: churn.onnx');
  if (!values.keepSaid) {
    throw missingKey(file, 'keep', 'Say which columns the predictions are kept with: keep: [customer_id], or keep: unused, ids, all or none.');
  }
  const name = keys.job ?? nameOf(file);
  const stateDir = values.stateDir ?? (stateDirectory === undefined ? folder : resolve(stateDirectory));
  const job: Job = {
    file,
    name,
    sources: await Promise.all(listOf(keys.input).map((given) => sourceOf(given, folder))),
    output: resolve(folder, keys.output),
    rejects: values.rejects,
    journal: values.journal ?? join(stateDir, `${name}.journal.jsonl`),
    stateDir,
    options: { ...values.options, ...fallbackOf(keys.fallback, folder), model },
    settleMs: keys.settle ?? DEFAULT_SETTLE_MS,
    doneMarker: keys.doneMarker,
    identity: keys.identity ?? 'name-and-content',
    followLinks: keys.followLinks ?? false,
    after: afterOf(keys.after, folder),
    rememberMs: keys.remember ?? DEFAULT_REMEMBER_MS,
    maxInputAgeMs: keys.maxInputAge,
    expect: keys.expect === undefined ? undefined : { ...keys.expect, since: keys.expect.since ?? '00:00', days: keys.expect.days },
    zone: keys.zone,
    runDeadlineMs: keys.runDeadline,
    lowPriority: keys.lowPriority ?? true,
    sinks: sinksOf(keys.sinks, folder),
    notify: notifyOf(keys.notify, folder, foreign),
  };
  checkTogether(keys, entries, file);
  checkTemplates(job, (key) => ({ file, ...spotOf(entries, key === 'after' ? ['after', 'move'] : [key]) }));
  return job;
}

/** A job file, and why somebody else may have written it; both of the very file that was opened. */
async function readText(file: string): Promise<{ readonly text: string; readonly foreign: string | undefined }> {
  let opened: FileHandle | undefined;
  try {
    opened = await open(file);
    const { size } = await opened.stat();
    if (size > LARGEST_BYTES) throw unreadable(file, `it has ${size} bytes, and a job file has at most ${LARGEST_BYTES}`);
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await opened.readFile()), foreign: await foreignAuthor(opened) };
  } catch (cause) {
    if (cause instanceof ScorelineError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new JobError('job-missing', `there is no job file '${file}'`, { status: 'missing', place: { file }, fix: 'Check the path.', cause });
    }
    if (code === 'EACCES' || code === 'EPERM') throw unreadable(file, 'permission denied', cause);
    if (code === 'EISDIR') throw unreadable(file, 'it is a folder', cause);
    throw unreadable(file, code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not in UTF-8' : String(cause), cause);
  } finally {
    await opened?.close();
  }
}

function unreadable(file: string, found: string, cause?: unknown): JobError {
  return new JobError('job-unreadable', `the job file cannot be read: ${found}`, {
    place: { file },
    fix: 'Name a file of YAML that this user may read.',
    cause,
  });
}

/** Unknown keys are refused: a misspelt one would be a rule that nobody keeps. */
function checkKeys(entries: readonly YamlEntry[], file: string, flags: FlagKeys): void {
  const known = [...new Set([...JOB_KEYS, ...flags.names])];
  for (const { key, spot } of entries) {
    if (known.includes(key)) continue;
    const place = { file, ...spot };
    if (Object.hasOwn(flags.refused, key)) {
      throw new JobError('job-unknown-key', `a job has no key '${key}': ${flags.refused[key] ?? ''}`, { place, fix: 'Take the line out.' });
    }
    const near = nearMisses(key, known);
    throw new JobError('job-unknown-key', `a job has no key '${key}'`, {
      place,
      details: { key, suggestions: near },
      fix: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'docs/jobs.md lists the keys; each flag of scoreline score is one.',
    });
  }
}

function readOwnKeys(entries: readonly YamlEntry[], file: string): JobKeys {
  for (const [key, example] of [['input', 'input: inbox/*.csv'], ['output', 'output: scores/{stem}.csv']] as const) {
    if (!entries.some((entry) => entry.key === key)) throw missingKey(file, key, `Add a line such as: ${example}`);
  } // prettier-ignore
  const own = entries.filter(({ key }) => JOB_KEYS.includes(key));
  const read = readJobKeys(Object.fromEntries(own.map(({ key, node }) => [key, plainValue(node)])));
  if (read.ok) return read.keys;
  throw new JobError('job-invalid', `the job file is wrong at ${pathText(read.path)}: ${read.message}`, {
    place: { file, ...spotOf(own, read.path) },
    fix:
      own.map(({ node }) => unquotedPlaceholder(node)).find((text) => text !== undefined) ??
      'Correct the line; docs/jobs.md says what each key takes.',
  });
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '');
}

function missingKey(file: string, key: string, fix: string): JobError {
  return new JobError('job-missing-key', `the job file has no key '${key}'`, { place: { file }, fix });
}

function checkTogether(keys: JobKeys, entries: readonly YamlEntry[], file: string): void {
  const refuse = (key: string, message: string): JobError =>
    new JobError('job-invalid', message, { place: { file, ...spotOf(entries, [key]) }, fix: 'Take one of the two lines out.' });
  if (keys.settle !== undefined && keys.doneMarker !== undefined) {
    throw refuse('settle', 'settle and doneMarker contradict each other: with a marker nothing else says that an input is whole');
  }
  if (keys.followLinks === true && keys.after !== undefined && keys.after !== 'keep') {
    throw refuse('after', 'followLinks and after contradict each other: what a link leads to is not moved or deleted');
  }
}

function nameOf(file: string): string {
  const name = basename(file, extname(file));
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) return name;
  throw missingKey(file, 'job', 'The name of this file cannot be the name of the job. Add a line such as: job: nightly-churn');
}

function afterOf(given: JobKeys['after'], folder: string): After {
  if (given === undefined) return { kind: 'keep' };
  return typeof given === 'string' ? { kind: given } : { kind: 'move', folder: resolve(folder, given.move) };
}

function fallbackOf(given: JobKeys['fallback'], folder: string): Pick<JobOptions, 'fallback'> {
  if (given === undefined) return {};
  const { model, on } = typeof given === 'string' ? { model: given, on: undefined } : given;
  return { fallback: { model: resolve(folder, model), ...(on === undefined ? {} : { on }) } };
}

function sinksOf({ metrics, openlineage, syslog }: JobKeys['sinks'] = {}, folder: string): JobSinks {
  const isPath = openlineage !== undefined && openlineage !== 'env' && !/^https?:\/\//i.test(openlineage);
  return {
    ...(metrics === undefined ? {} : { metrics: resolve(folder, metrics) }),
    ...(openlineage === undefined ? {} : { openlineage: isPath ? resolve(folder, openlineage) : openlineage }),
    ...(syslog === undefined ? {} : { syslog }),
  };
}

/** A program without a slash in its name is looked for in PATH; another is a path, which counts from the folder of the job file like any other. */
function notifyOf(given: JobKeys['notify'], folder: string, foreign: string | undefined): Notify | undefined {
  const [program, ...args] = given ?? [];
  if (program === undefined) return undefined;
  return { argv: [program.includes('/') ? resolve(folder, program) : program, ...args], folder, foreign };
}

function listOf(given: string | readonly string[]): readonly string[] {
  return typeof given === 'string' ? [given] : given;
}
