import { InterruptedError, ModelError, ScorelineError, UsageError, type Interruption, type Place } from '../errors/errors.js';
import { openFilesError } from '../errors/open-files.js';

/** How a process ended: by itself with a status, or by a signal. */
export interface Death {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Faults that the processor, the C library or V8 answer with a signal of their own. */
const CRASHES: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGSEGV: 'it touched memory that is not its own',
  SIGBUS: 'it touched memory that is not there',
  SIGILL: 'it met an instruction that this processor does not have',
  SIGFPE: 'it divided a whole number by zero',
  SIGABRT: 'it gave up by itself',
  SIGTRAP: 'it gave up by itself',
};

const STOPS: Readonly<Partial<Record<NodeJS.Signals, Interruption>>> = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hung-up' };

/** What the end of a scoring process that nobody asked to end, and that was scoring `input`, says: ModelError `runtime-crashed`, `memory-exceeded` (69), or InterruptedError. */
export function deathError({ status, signal }: Death, input: string): ScorelineError {
  const place = placeOf(input);
  const stop = signal === null ? undefined : STOPS[signal];
  if (stop !== undefined) return new InterruptedError(stop, `the scoring process was stopped by ${signal}`);
  if (signal === 'SIGKILL') {
    return new ModelError('memory-exceeded', 'the scoring process was killed (SIGKILL) from outside: the system does that where memory runs out', {
      place,
      details: { signal },
      fix: 'The system log says whether memory ran out (journalctl -k, dmesg). Then give --workers 1, a smaller --batch-rows, or the machine more memory.',
    });
  }
  const ending = signal === null ? `ended with status ${status ?? 'unknown'} and no answer` : `crashed (${signal}${reasonOf(signal)})`;
  return new ModelError('runtime-crashed', `the scoring process ${ending}`, {
    place,
    details: signal === null ? { status } : { signal },
    fix: 'If the same input does it again, it is the model or the runtime: check the model with onnx.checker.check_model in Python, and export it again; else check the machine’s memory.',
  });
}

function reasonOf(signal: NodeJS.Signals): string {
  const reason = CRASHES[signal];
  return reason === undefined ? '' : `: ${reason}`;
}

/** `deadline` (124). @param input that was being scored. @param keptMs that a fallback needs: the deadline is as near as that. */
export function deadlineError(deadlineMs: number, input: string, keptMs = 0): ScorelineError {
  const passed =
    keptMs === 0
      ? `the deadline of ${timeText(deadlineMs)} passed before the run was over`
      : `the run was not over when ${timeText(keptMs)} were left of the deadline of ${timeText(deadlineMs)}, which are the fallback's`;
  return new ScorelineError('deadline', passed, 'deadline', {
    place: placeOf(input),
    details: { deadlineMs, ...(keptMs === 0 ? {} : { keptMs }) },
    fix: 'Give it longer, or let it have more of the machine; --progress always shows how fast it is.',
  });
}

/** ModelError `memory-exceeded` (69). @param input that was being scored. */
export function memoryError(limitBytes: number, foundBytes: number, input: string): ModelError {
  const [limit, found] = [bytesText(limitBytes), megabytes(foundBytes)];
  return new ModelError('memory-exceeded', `the scoring process took ${found} of memory, and ${limit} were allowed`, {
    place: placeOf(input),
    details: { limitBytes, foundBytes },
    fix: 'Allow more with --max-memory, or give --workers 1 or a smaller --batch-rows or --chunk-size.',
  });
}

/** UsageError `memory-unseen`: a limit on memory where the system does not say how much a process holds. */
export function memoryUnseen(): UsageError {
  return new UsageError('memory-unseen', 'the memory of a process cannot be seen here: there is no /proc', {
    fix: 'Mount /proc, or leave --max-memory out and limit the memory from outside (a container, MemoryMax= of systemd).',
  });
}

/** ScorelineError `no-process` (74), or `too-many-open-files`: the system let no process be started. */
export function startError(cause: unknown): ScorelineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return (
    openFilesError(cause) ??
    new ScorelineError('no-process', `the scoring process cannot be started: ${reason}`, 'io', {
      cause,
      fix: 'See how many processes this user may have (ulimit -u), and whether memory is left.',
    })
  );
}

/** The same error, with the row from which the same command will go on. */
export function resumable(error: ScorelineError, row: number): ScorelineError {
  return error.withFix(`${error.fix === undefined ? '' : `${error.fix} `}The same command goes on from row ${row.toLocaleString('en-US')}.`);
}

function placeOf(input: string): Place {
  return input === '-' ? {} : { file: input };
}

/** As a person gave it: a limit of two bytes is no megabyte. */
function bytesText(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? megabytes(bytes) : `${bytes.toLocaleString('en-US')} bytes`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')} MB`;
}

/** As a person would write it on the command line: `1500ms`, `20m`. */
function timeText(ms: number): string {
  const units = [['h', 3_600_000], ['m', 60_000], ['s', 1000]] as const; // prettier-ignore
  const unit = units.find(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined ? `${Math.round(ms)}ms` : `${ms / unit[1]}${unit[0]}`;
}
