import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { loadContract } from '../../contract/load.js';
import { JobError } from '../../errors/errors.js';
import { loadModel } from '../../model/load.js';
import { outputFailure } from '../../publish/failure.js';
import { measureFolder } from '../../publish/measure.js';
import { zonedTime } from '../clock.js';
import { History } from '../history.js';
import { listInputs, PASSED_OVER } from '../inputs.js';
import type { Job } from '../job.js';
import { foreignState } from '../job-file.js';
import { readHolder } from '../lock.js';
import { findCommand, refuseForeignCommand } from '../notify.js';
import { planJobRun, type PlannedInput, type RunPlan } from '../plan-run.js';
import { ledgerOf } from '../state.js';
import { archiveRoot, templateFolder } from '../template.js';
import { errorInJobWords, inJobWords } from '../words.js';
import { checkScore } from './check-score.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { bytesText, listText, writePaceText } from './texts.js';

export interface CheckJobOptions {
  readonly nowMs: number;
  readonly deadlineMs: number | undefined;
  /** Folders that commands are looked for in. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Tries everything that the next run of a job needs, on the input that it would score first, and leaves nothing behind. Throws only when it is stopped. */
export async function checkJob(job: Job, { nowMs, deadlineMs, path, signal }: CheckJobOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [ok('job', `${job.name}: ${job.sources.map(({ given }) => given).join(', ')} -> ${job.output}`)];
  findings.push(...checkTemplate(job), ...(await checkState(job)), ...(await checkFolders(job)), ...(await checkNotify(job, path)));
  const plan = await planned(job, nowMs, signal, findings);
  const todo = plan?.todo.filter(({ refusal }) => refusal === undefined) ?? [];
  const [first] = todo;
  if (first === undefined) return [...findings, ...(await checkWithoutInput(job))];
  const pendingBytes = todo.reduce((sum, { stamp }) => sum + stamp.bytes, 0);
  const tried = await checkScore(optionsOf(job, first, await isThere(dirname(first.paths.output))), { deadlineMs, pendingBytes, nowMs, signal });
  return [...findings, ...tried.map((finding) => inJob(finding, job.file))];
}

/** A finding about a run, in words of the job. */
function inJob(finding: Finding, file: string): Finding {
  const { text, lines, fix, error } = finding;
  return {
    ...finding,
    text: inJobWords(text),
    ...(lines === undefined ? {} : { lines: lines.map(inJobWords) }),
    ...(fix === undefined ? {} : { fix: inJobWords(fix) }),
    ...(error === undefined ? {} : { error: errorInJobWords(error, file) }),
  };
}

/** The lock, the ledger, and the folder that they are in. */
async function checkState(job: Job): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    const history = await History.open(ledgerOf(job), job.identity);
    const foreign = await foreignState(job, history);
    if (foreign !== undefined) throw foreign;
    await proveFolder(job.stateDir, 'the state folder of the job');
    await proveRoom(job.stateDir);
    for (const path of [ledgerOf(job), job.journal === false || job.journal.includes('{') ? undefined : job.journal]) {
      if (path !== undefined && (await isThere(path))) await proveWritable(path, `'${basename(path)}'`);
    }
    const published = history.all().filter((known) => known.published !== undefined).length;
    findings.push(ok('state', `${job.stateDir}: ${published} published so far`));
    if (history.damaged > 0)
      findings.push(warning('ledger', 'ledger-damaged', `${history.damaged} damaged lines: what they said was published may be scored again`));
  } catch (error) {
    findings.push(failed('state', error));
  }
  const holder = await readHolder(job);
  findings.push(
    holder === undefined
      ? ok('lock', 'free')
      : warning('lock', 'run-at-work', `a run is at work since ${holder.since} (pid ${holder.pid}): another one would end with 75`),
  );
  return findings;
}

/** Folders that a run writes to, beside that of the output. */
async function checkFolders({ rejects, journal, after, output }: Job): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const folders: [subject: string, folder: string | undefined][] = [
    ['output', templateFolder(output)],
    ['rejects', rejects === undefined ? undefined : templateFolder(rejects)],
    ['journal', journal === false ? undefined : templateFolder(journal)],
    ['after', after.kind === 'move' ? archiveRoot(after.folder) : undefined],
  ];
  for (const [subject, folder] of folders) {
    if (folder === undefined) continue;
    try {
      await proveFolder(folder, `the folder of ${subject}`);
      if (subject === 'after') findings.push(ok('after', `moved to ${folder}`));
    } catch (error) {
      findings.push(failed(subject, error));
    }
  }
  if (after.kind === 'delete') findings.push(ok('after', 'deleted, once the predictions were read back'));
  return findings;
}

/** The command that is to be run on the day on which something is wrong. It is not run. */
async function checkNotify({ notify, file }: Job, path: string): Promise<readonly Finding[]> {
  if (notify === undefined) return [];
  try {
    refuseForeignCommand(notify, file);
    return [ok('notify', await findCommand(notify, path, file))];
  } catch (error) {
    return [failed('notify', error)];
  }
}

async function planned(job: Job, nowMs: number, signal: AbortSignal, findings: Finding[]): Promise<RunPlan | undefined> {
  try {
    const history = await History.open(ledgerOf(job), job.identity);
    const { date } = zonedTime(nowMs, job.zone);
    const plan = await planJobRun(job, history, await listInputs(job, nowMs), { rescore: false, run: 'RUN', date, nowMs, signal, readFiles: false });
    const counts = `${plan.todo.length} to score, ${plan.waiting.length} waiting, ${plan.published.length} published before`;
    findings.push(ok('inputs', counts));
    for (const [reason, text] of Object.entries(PASSED_OVER)) {
      const paths = plan.passedOver.filter((entry) => entry.reason === reason).map(({ path }) => path);
      if (paths.length > 0) findings.push(warning('inputs', 'passed-over', `passed over (${text}): ${listText(paths)}`));
    }
    findings.push(...(await checkInbox(job, plan)));
    for (const { refusal } of plan.todo.filter((input) => input.refusal !== undefined).slice(0, 3)) findings.push(failed('inputs', refusal));
    return plan;
  } catch (error) {
    signal.throwIfAborted();
    findings.push(failed('inputs', error));
    return undefined;
  }
}

/** Moving or deleting an input takes leave to write in its folder. */
async function checkInbox({ after, sources }: Job, { todo, waiting }: RunPlan): Promise<readonly Finding[]> {
  if (after.kind === 'keep') return [];
  const folders = new Set([...sources.map(({ root }) => root), ...[...todo, ...waiting].map(({ path }) => dirname(path))]);
  const findings: Finding[] = [];
  for (const folder of folders) {
    await proveFolder(folder, 'the folder of the input').catch((error: unknown) => findings.push(failed('after', error)));
  }
  return findings;
}

/** An output that is the same for every input can hold but one. */
function checkTemplate({ sources, output }: Job): readonly Finding[] {
  const isOne = !output.includes('{stem}') && !output.includes('{name}');
  if (!isOne || sources.every(({ match }) => match.kind === 'name')) return [];
  return [
    warning(
      'output',
      'one-output',
      `all inputs would have the one output ${output}, and a second one is refused: put {stem} or {name} into its name`,
    ),
  ];
}

/** What can be tried when there is nothing to score. */
async function checkWithoutInput({ options, output }: Job): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    const model = await loadModel(options.model, options.maxModelBytes);
    findings.push(ok('model', `${model.path}: ${model.family}, ${bytesText(model.sizeBytes)}, sha256 ${model.sha256.slice(0, 12)}`));
    const contract = await loadContract(options.contract, model.path, model.sha256);
    findings.push(ok('contract', contract?.path ?? 'none'));
  } catch (error) {
    findings.push(failed('model', error));
  }
  try {
    const folder = await measureFolder(templateFolder(output), 100);
    findings.push(ok('output', `writable, ${writePaceText(folder)}, ${bytesText(folder.freeBytes)} free`));
  } catch (error) {
    findings.push(failed('output', error));
  }
  return [...findings, warning('first rows', 'nothing-ready', 'no input is ready: columns and types were not tried')];
}

/** The options of the run of an input. Its output's own folder may still have to be made: then it is tried in the one above. */
function optionsOf({ options, output }: Job, { path, paths }: PlannedInput, folderIsThere: boolean) {
  return { ...options, input: path, output: folderIsThere ? paths.output : join(templateFolder(output), basename(paths.output)) };
}

async function proveFolder(path: string, what: string): Promise<void> {
  await proveWritable(path, what);
  if ((await stat(path)).isDirectory()) return;
  const fix = 'Name a folder in the job file.';
  throw new JobError('job-folder', `${what} is no folder`, { status: 'output', place: { file: path }, fix });
}

/** The ledger and the journal grow by less than this in a run of one input. */
const LEAST_BYTES = 64 << 10;

async function proveRoom(folder: string): Promise<void> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  if (bavail * bsize >= LEAST_BYTES && (files === 0 || ffree > 0)) return;
  throw new JobError('no-space', `the state folder of the job has no room: ${bytesText(bavail * bsize)} and ${ffree} files free`, {
    status: 'io',
    place: { file: folder },
    fix: 'Free some space, or name a folder on another filesystem: stateDir in the job file.',
  });
}

async function proveWritable(path: string, what: string): Promise<void> {
  try {
    await access(path, constants.W_OK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const place = { file: path };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const fix = 'Create the folder, or name another one in the job file.';
      throw new JobError('job-folder', `${what} does not exist`, { status: 'output', place, fix, cause });
    }
    throw outputFailure(cause, { name: path, action: 'write' });
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
