import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ScorelineError } from '../../errors/errors.js';
import { isSpecialOutput, openOutput } from '../../publish/open.js';
import { measureFolder } from '../../publish/measure.js';
import type { FormatName } from '../../format/format.js';
import { fallbackAlone } from '../../run/fallback.js';
import type { ScoreOptions } from '../../run/options.js';
import { examine, type Examined } from './examine.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { bytesText, listText, percentText, secondsText } from './texts.js';
import { measurePace, tryFirstRows, type Trial } from './trial.js';

export interface CheckOptions {
  /** What a run may take; undefined: as long as it likes. */
  readonly deadlineMs: number | undefined;
  /** Bytes of all inputs that are to be scored; undefined: this one only. */
  readonly pendingBytes?: number;
  readonly signal: AbortSignal;
}

/** Longer than this no measurement takes. */
const MEASURE_MS = 150;

/** Tries everything that a run of these options needs, in the order of a run, and leaves nothing behind. Throws only when it is stopped. */
export async function checkScore(options: ScoreOptions, check: CheckOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const facts = await attempt('model and input', findings, () => examine(options));
  if (facts === undefined) return withoutRepeats([...findings, ...(await checkOutput(options, check, undefined, undefined))]);
  findings.push(...describe(options, facts));
  const trial = await attempt('first rows', findings, () => tryFirstRows(options, facts.outputFormat));
  if (trial !== undefined) findings.push(describeTrial(trial));
  await tryFallback(options, facts.outputFormat, findings);
  findings.push(...(await checkOutput(options, check, facts, trial)));
  check.signal.throwIfAborted();
  return findings;
}

/** A fallback is needed on the day on which nobody has time to mend it: it has to score the first rows today. */
async function tryFallback(options: ScoreOptions, format: FormatName, findings: Finding[]): Promise<void> {
  const alone = await fallbackAlone(options);
  if (alone === undefined) return;
  const trial = await attempt('fallback', findings, () => tryFirstRows(alone, format));
  if (trial !== undefined)
    findings.push(ok('fallback', `${alone.model}: ${trial.summary.scored} of the first ${trial.summary.rowsIn} rows can be scored by it`));
}

/** What keeps a run from its plan may well be its output: one error is told once. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ level, text }, index) => level !== 'failed' || findings.findIndex((other) => other.text === text) === index);
}

/** What an act gives; undefined where it fails, which is then a finding. */
async function attempt<T>(subject: string, findings: Finding[], act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    findings.push(failed(subject, error));
    return undefined;
  }
}

function describe(options: ScoreOptions, facts: Examined): readonly Finding[] {
  const { model, contract, format, inputBytes, columns, read, kept, idleShare, outputColumns } = facts;
  const idle = columns.filter((name) => !read.has(name) && !kept.has(name));
  const size = inputBytes === undefined ? '' : `, ${bytesText(inputBytes)}`;
  return [
    ok('model', `${model.path}: ${model.family}, ${bytesText(model.sizeBytes)}, sha256 ${model.sha256.slice(0, 12)}`),
    ok('contract', contract ?? (options.contract === 'none' ? 'set aside' : 'none')),
    ok('input', `${typeof options.input === 'string' ? options.input : 'stream'}: ${format}, ${columns.length} columns${size}`),
    ok('columns', `${read.size} read by the model, ${kept.size} kept; the output has ${listText(outputColumns)}`),
    ...(idle.length === 0
      ? []
      : [
          (idleShare ?? 0) > 0.5
            ? warning('unused', `${percentText(idleShare ?? 0)} of the bytes are of columns that are neither read nor kept: ${listText(idle)}`)
            : ok('unused', `neither read nor kept: ${listText(idle)}${idleShare === undefined ? '' : ` (${percentText(idleShare)} of the bytes)`}`),
        ]),
  ];
}

function describeTrial({ summary }: Trial): Finding {
  const { rowsIn, rejected, rejectedByCode, seconds } = summary;
  const codes = Object.entries(rejectedByCode).map(([code, count]) => `${code} ${count}`);
  const text = `${rowsIn} scored in ${secondsText(seconds)}, start included`;
  return rejected === 0 ? ok('first rows', text) : warning('first rows', `${rejected} of ${rowsIn} would be rejected: ${codes.join(', ')}`);
}

/** The folder of the output, the room there, and the time that all of it takes. */
async function checkOutput(
  options: ScoreOptions,
  check: CheckOptions,
  facts: Examined | undefined,
  trial: Trial | undefined,
): Promise<readonly Finding[]> {
  const { output } = options;
  const findings: Finding[] = [];
  if (typeof output !== 'string' || (await isSpecialOutput(output).catch(() => false)))
    return [ok('output', 'is written straight through: nothing to try')];
  const sink = await attempt('output', findings, () => openOutput(output, { noClobber: options.noClobber ?? false, hashed: false }));
  if (sink === undefined) return findings;
  await sink.abort();
  const place = dirname(sink.path ?? output);
  const folder = await attempt('output', findings, () => measureFolder(place, MEASURE_MS));
  if (folder === undefined) return findings;
  findings.push(ok('output', `${output}: writable, ${bytesText(folder.writeBytesPerSecond)}/s written and synced`));
  if (folder.locks === 'fail') findings.push(failed('locks', new ScorelineError('output-lock-failed', `the filesystem of '${place}' has no locks`, 'io', { fix: 'Write the output to a filesystem that has locks.' }))); // prettier-ignore
  if (folder.locks === 'missing') findings.push(warning('locks', 'flock(1) is not installed: lock files with the owner’s pid stand in'));
  if (facts === undefined || trial === undefined || facts.inputBytes === undefined || typeof options.input !== 'string') return findings;

  const pending = check.pendingBytes ?? facts.inputBytes;
  const pace = await attempt('pace', findings, () => measurePace(options, facts.outputFormat, 2 * MEASURE_MS, check.signal));
  const share = pace?.outputShare ?? (facts.inputBytes === 0 ? 0 : trial.outputBytes / facts.inputBytes);
  const neededBytes = pending * share;
  const room = `about ${bytesText(neededBytes)} needed, ${bytesText(folder.freeBytes)} free`;
  findings.push(neededBytes > folder.freeBytes ? failed('room', new ScorelineError('no-space', `the output has no room: ${room}`, 'io', { place: { file: output }, fix: 'Free some space, or write the output to another filesystem.' })) : neededBytes * 2 > folder.freeBytes ? warning('room', room) : ok('room', room)); // prettier-ignore
  const readBytesPerSecond = await attempt('input', findings, () => readPace(options.input as string));
  if (readBytesPerSecond !== undefined && readBytesPerSecond > 0) findings.push(ok('read', `${bytesText(readBytesPerSecond)}/s`));
  const seconds =
    trial.summary.seconds +
    (pace === undefined ? 0 : facts.inputBytes / pace.bytesPerSecond) +
    (facts.inputBytes * share) / folder.writeBytesPerSecond;
  findings.push(judgeTime(seconds, check.deadlineMs));
  return findings;
}

function judgeTime(seconds: number, deadlineMs: number | undefined): Finding {
  const text = `about ${secondsText(seconds)} for this input`;
  if (deadlineMs === undefined) return ok('time', text);
  const against = `${text}, the deadline is ${secondsText(deadlineMs / 1e3)}`;
  return seconds * 2e3 > deadlineMs
    ? warning('time', `${against}${seconds * 1e3 > deadlineMs ? ': it will not do' : ': that is little in reserve'}`)
    : ok('time', against);
}

/** Fewer say nothing of a disk. */
const LEAST_BYTES = 4 << 20;

/** Bytes a second at which the start of a file is read; 0 where it is too small to tell. */
async function readPace(path: string): Promise<number> {
  if (!(await stat(path)).isFile()) return 0;
  const file = await open(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(1 << 20);
    const begun = performance.now();
    let bytes = 0;
    while (performance.now() - begun < MEASURE_MS) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      bytes += bytesRead;
    }
    return bytes < LEAST_BYTES ? 0 : bytes / (Math.max(performance.now() - begun, 0.01) / 1e3);
  } finally {
    await file.close();
  }
}
