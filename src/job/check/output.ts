import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ScorelineError } from '../../errors/errors.js';
import { measureFolder } from '../../publish/measure.js';
import { isSpecialOutput, openOutput } from '../../publish/open.js';
import type { ScoreOptions } from '../../run/options.js';
import { attempt } from './attempt.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { bytesText, pathText, secondsText, writePaceText } from './texts.js';
import type { Trial } from './trial.js';

export interface OutputRequest {
  readonly options: ScoreOptions;
  readonly deadlineMs: number | undefined;
  /** Bytes of all inputs that are to be scored; undefined: this one only. */
  readonly pendingBytes: number | undefined;
  /** Undefined for pipes, and where the input was not read. */
  readonly inputBytes: number | undefined;
  /** Undefined where nothing could be scored. */
  readonly trial: Trial | undefined;
}

/** Longer than this no measurement takes. */
const MEASURE_MS = 150;

/** The folder of the output, the room there, and the time that all of it takes. */
export async function outputFindings(request: OutputRequest): Promise<readonly Finding[]> {
  const { options, deadlineMs, trial, inputBytes } = request;
  const { output } = options;
  const findings: Finding[] = [];
  if (typeof output !== 'string' || (await isSpecialOutput(output).catch(() => false)))
    return [ok('output', 'is written straight through: nothing to try')];
  const sink = await attempt('output', findings, () => openOutput(output, { noClobber: options.noClobber ?? false, hashed: false }));
  if (sink === undefined) return findings;
  await sink.abort();
  const folder = await attempt('output', findings, () => measureFolder(dirname(sink.path ?? output), MEASURE_MS));
  if (folder === undefined) return findings;
  const there = await stat(output).catch(() => undefined);
  const details = { path: output, exists: there !== undefined, freeBytes: folder.freeBytes, writeBytesPerSecond: folder.writeBytesPerSecond ?? null };
  const replaces = there === undefined ? '' : `, replaces ${bytesText(there.size)} that are there`;
  findings.push(ok('output', `${pathText(output)}: writable, ${writePaceText(folder)}${replaces}`, { details }));
  if (folder.locks === 'fail') findings.push(failed('locks', noLocks(dirname(sink.path ?? output))));
  if (folder.locks === 'missing') findings.push(warning('locks', 'no-locks', 'flock(1) is not installed: lock files with the owner’s pid stand in'));
  if (trial === undefined || inputBytes === undefined || typeof options.input !== 'string') return findings;

  const share = trial.pace?.outputShare ?? 0;
  findings.push(roomFinding((request.pendingBytes ?? inputBytes) * share, folder.freeBytes, output));
  const readBytesPerSecond = (await attempt('input', findings, () => readPace(options.input as string))) ?? 0;
  const busy = trial.pace === undefined ? 0 : inputBytes / trial.pace.bytesPerSecond;
  const writing = folder.writeBytesPerSecond === undefined ? undefined : (inputBytes * share) / folder.writeBytesPerSecond;
  if (writing === undefined) return [...findings, ok('time', 'not known: there is no room to measure how fast the output is written', { details: { seconds: null, deadlineMs: deadlineMs ?? null } })];
  const seconds = trial.seconds + Math.max(busy, readBytesPerSecond === 0 ? 0 : inputBytes / readBytesPerSecond) + writing;
  findings.push(timeFinding(seconds, deadlineMs));
  return findings;
} // prettier-ignore

function noLocks(folder: string): ScorelineError {
  const fix = 'Write the output to a filesystem that has locks.';
  return new ScorelineError('output-lock-failed', `the filesystem of '${folder}' has no locks`, 'io', { fix });
}

function roomFinding(neededBytes: number, freeBytes: number, output: string): Finding {
  const room = `about ${bytesText(neededBytes)} needed, ${bytesText(freeBytes)} free`;
  const details = { neededBytes, freeBytes };
  if (neededBytes > freeBytes) {
    const fix = 'Free some space, or write the output to another filesystem.';
    return failed('room', new ScorelineError('no-space', `the output has no room: ${room}`, 'io', { place: { file: output }, fix }), { details });
  }
  return neededBytes * 2 > freeBytes ? warning('room', 'little-room', room, { details }) : ok('room', room, { details });
}

function timeFinding(seconds: number, deadlineMs: number | undefined): Finding {
  const text = `about ${secondsText(seconds)} for this input`;
  const details = { seconds, deadlineMs: deadlineMs ?? null };
  if (deadlineMs === undefined) return ok('time', text, { details });
  const against = `${text}, the deadline is ${secondsText(deadlineMs / 1e3)}`;
  if (seconds * 2e3 <= deadlineMs) return ok('time', against, { details });
  const verdict = seconds * 1e3 > deadlineMs ? 'it will not do' : 'that is little in reserve';
  return warning('time', 'little-time', `${against}: ${verdict}`, { details });
}

/** Fewer say nothing of a disk. */
const LEAST_BYTES = 4 << 20;
/** Nor do more. */
const MOST_BYTES = 16 << 20;

/** Bytes a second at which the start of a file is read; 0 where it is too small to tell. */
async function readPace(path: string): Promise<number> {
  if (!(await stat(path)).isFile()) return 0;
  const file = await open(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(1 << 20);
    const begun = performance.now();
    let bytes = 0;
    while (bytes < MOST_BYTES && performance.now() - begun < MEASURE_MS) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      bytes += bytesRead;
    }
    return bytes < LEAST_BYTES ? 0 : bytes / (Math.max(performance.now() - begun, 0.01) / 1e3);
  } finally {
    await file.close();
  }
}
