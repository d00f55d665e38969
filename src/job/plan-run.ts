import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { InputError, JobError, type ScorelineError } from '../errors/errors.js';
import { asDefect } from '../errors/transfer.js';
import { hasRunState } from '../publish/output-lock.js';
import { digestFile } from './digest.js';
import { isInput } from './glob.js';
import { UNREAD, type History, type Known, type Paths } from './history.js';
import { sameStamp, type Candidate, type Listing, type Waiting } from './inputs.js';
import type { Job } from './job.js';
import { foreignOutput } from './standing.js';
import { ledgerOf, lockOf } from './state.js';
import { fillTemplate, outputIsInput, staysInside, type Fill } from './template.js';

/** An input that is to be scored, and where to; or why it may not be. */
export interface PlannedInput extends Candidate {
  /** Of its content, hex; empty where it could not be read. */
  readonly sha256: string;
  readonly paths: Paths;
  /** Attempts before this one. */
  readonly attempts: number;
  readonly refusal: ScorelineError | undefined;
}

/** An input whose name and content (or content) was published before. */
export interface Repetition extends Candidate {
  readonly sha256: string;
  readonly known: Known;
}

/** What a run of a job would do. */
export interface RunPlan {
  /** Oldest first. */
  readonly todo: readonly PlannedInput[];
  readonly published: readonly Repetition[];
  readonly waiting: readonly Waiting[];
  readonly passedOver: Listing['passedOver'];
}

export interface PlanOptions {
  /** Score what was published before, too. */
  readonly rescore: boolean;
  /** For {run} and {date}. */
  readonly run: string;
  readonly date: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** False: files that are not known yet are taken for new ones, without a look at their content. */
  readonly readFiles?: boolean;
}

/** Decides what is to be scored and where to, reading the files that are not known yet. Changes nothing. */
export async function planJobRun(job: Job, history: History, listing: Listing, options: PlanOptions): Promise<RunPlan> {
  const todo: PlannedInput[] = [];
  const published: Repetition[] = [];
  const waiting = [...listing.waiting];
  for (const candidate of listing.ready) {
    const digest = await digestOf(candidate, job, history, options);
    if (digest === undefined) {
      waiting.push({ ...candidate, reason: 'settling' });
      continue;
    }
    const sha256 = typeof digest === 'string' ? digest : UNREAD;
    const known = history.publishedAs(candidate.name, sha256);
    if (known !== undefined && !options.rescore) {
      published.push({ ...candidate, sha256, known });
      continue;
    }
    const before = history.get(candidate.name, sha256);
    const paths = pathsOf(job, before, { name: basename(candidate.name), run: options.run, date: options.date });
    const refusal = typeof digest === 'string' ? refusalOf(candidate, paths, job, options.nowMs) : digest;
    todo.push({ ...candidate, sha256, paths, attempts: before?.attempts ?? 0, refusal });
  }
  const apart = refuseShared(todo, history, job);
  return { todo: options.rescore ? apart : await refuseForeign(apart, history, job, options), published, waiting, passedOver: listing.passedOver };
}

/** Undefined for a file that changed while it was read, or is gone: it is not ready after all. An error for one that may not be read. */
async function digestOf(
  candidate: Candidate,
  job: Job,
  history: History,
  { signal, readFiles = true }: PlanOptions,
): Promise<string | ScorelineError | undefined> {
  const known = history.digestOf(candidate.stamp);
  if (known !== undefined || !readFiles) return known ?? UNREAD;
  try {
    const digested = await digestFile(candidate.path, signal, job.followLinks);
    // written to since it was listed: half of it may have been read, with a stamp that says nothing of that
    return digested !== undefined && sameStamp(digested.stamp, candidate.stamp) ? digested.sha256 : undefined;
  } catch (cause) {
    signal.throwIfAborted();
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const place = { file: candidate.path };
    if (code === 'EACCES' || code === 'EPERM') {
      const fix = 'Let this user read the file.';
      return new InputError('input-permission', 'the input cannot be read: permission denied', { status: 'permission', place, cause, fix });
    }
    if (!/^E[A-Z]+$/.test(code)) return asDefect(cause);
    const fix = 'Check the device and the system log.';
    return new InputError('read-failed', `reading the input failed (${code})`, { status: 'io', place, cause, fix });
  }
}

/** Where an input goes: as settled at its first attempt, unless the job says otherwise by now. */
function pathsOf(job: Job, before: Known | undefined, fill: Fill): Paths {
  const templates = createHash('sha256')
    .update(JSON.stringify([job.output, job.rejects ?? null, job.journal]))
    .digest('hex')
    .slice(0, 16);
  if (before?.paths.templates === templates) return before.paths;
  const output = fillTemplate(job.output, fill);
  return {
    output,
    rejects: job.rejects === undefined ? `${output}.rejects.csv` : fillTemplate(job.rejects, fill),
    journal: job.journal === false ? null : fillTemplate(job.journal, fill),
    templates,
  };
}

function refusalOf({ path, modifiedMs }: Candidate, paths: Paths, job: Job, nowMs: number): ScorelineError | undefined {
  const place = { file: path };
  const written: [key: string, template: string, path: string | null][] = [
    ['output', job.output, paths.output],
    ['rejects', job.rejects ?? `${job.output}.rejects.csv`, paths.rejects],
    ['journal', job.journal === false ? '' : job.journal, paths.journal],
  ];
  for (const [key, template, written_] of written) {
    if (written_ === null) continue;
    if (!staysInside(template, written_)) {
      return new JobError('job-path-escapes', `the name of the input leads ${key} out of its folder: ${written_}`, {
        place,
        fix: 'Rename the input.',
      });
    }
    if (isInput(written_, job.sources)) return outputIsInput(key, written_, place);
    if (key !== 'journal' && stateFiles(job, paths).includes(written_)) {
      return new JobError('job-shared-output', `the input is not scored: ${key} would replace a file of the job itself: ${written_}`, {
        place,
        fix: 'Write to a folder that is not that of the state files (stateDir in the job file).',
      });
    }
  }
  if (job.maxInputAgeMs === undefined || nowMs - modifiedMs <= job.maxInputAgeMs) return undefined;
  const hours = ((nowMs - modifiedMs) / 3_600_000).toFixed(1);
  return new InputError('input-too-old', `the input was changed ${hours} hours ago, longer than maxInputAge allows: it is not scored`, {
    status: 'missing',
    place,
    fix: 'Find out why no newer one came; to score it all the same, raise maxInputAge in the job file.',
  });
}

function stateFiles(job: Job, { journal }: Paths): readonly string[] {
  const kept = [ledgerOf(job), ...(journal === null ? [] : [journal, `${journal}.head`])];
  return [resolve(job.file), lockOf(job), ...kept, ...kept.map((path) => `${path}.lock`)];
}

/** Two inputs that would be written to one file are both refused, and so is one that would replace the predictions of another. */
function refuseShared(todo: readonly PlannedInput[], history: History, { sources }: Job): readonly PlannedInput[] {
  const asked = new Map<string, PlannedInput[]>();
  for (const input of todo) for (const path of writtenBy(input)) asked.set(path, [...(asked.get(path) ?? []), input]);
  return todo.map((input) => {
    if (input.refusal !== undefined) return input;
    for (const path of writtenBy(input)) {
      const owner = history.writerOf(path);
      // one of the same name is the same input, unless it lies in another folder that the job looks through, too
      if (owner !== undefined && (owner.name !== input.name || (owner.path !== input.path && isInput(owner.path, sources))))
        return { ...input, refusal: sharedOutput(input, path, owner.name === input.name ? owner.path : owner.name, 'was published for') };
      const other = asked.get(path)?.find((each) => each.path !== input.path);
      if (other !== undefined) return { ...input, refusal: sharedOutput(input, path, other.name, 'would also be written for') };
    }
    return input;
  });
}

/** What somebody else has put where predictions would go is let be. Where a run of the job may have died while it published, the next one finds out first. */
async function refuseForeign(
  todo: readonly PlannedInput[],
  history: History,
  job: Job,
  { readFiles = true, signal }: PlanOptions,
): Promise<readonly PlannedInput[]> {
  const judged: PlannedInput[] = [];
  for (const input of todo) {
    const { path, paths, refusal } = input;
    const foreign = refusal ?? (await foreignOutput(path, paths.output, history, { job, read: readFiles, signal }));
    judged.push(foreign === refusal || (await hasRunState(paths.output)) ? input : { ...input, refusal: foreign });
  }
  return judged;
}

function writtenBy({ paths }: PlannedInput): readonly string[] {
  return [paths.output, ...(paths.rejects === null ? [] : [paths.rejects])];
}

function sharedOutput({ path }: PlannedInput, output: string, other: string, how: string): JobError {
  return new JobError('job-shared-output', `the input is not scored: '${output}' ${how} the input '${other}'`, {
    place: { file: path },
    fix:
      basename(other) === basename(path)
        ? 'No placeholder tells folders apart: give each folder a job of its own, with an output folder of its own; or rename the input.'
        : 'Give each input an output of its own, with {stem} or {name} in output and rejects of the job file.',
  });
}
