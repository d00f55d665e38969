import { setTimeout as wait } from 'node:timers/promises';
import { InterruptedError, JournalError } from '../../errors/errors.js';
import type { StatusName } from '../../errors/statuses.js';
import { readJournal, type ReadLine } from '../../journal/reader.js';
import { RunMerge, type JournalRun } from '../../journal/runs.js';
import { JournalTail } from '../../journal/tail.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import { runText } from '../journal/detail.js';
import { LineFaults } from '../journal/faults.js';
import { hasHead, namedFiles, rotatedBeside } from '../journal/files.js';
import { runFilter } from '../journal/filter.js';
import type { JOURNAL_SHOW_FLAGS } from '../journal/flags.js';
import { runLine } from '../journal/json.js';
import { RunTable } from '../journal/table.js';
import { usageError } from '../usage.js';

type Settings = SettingsOf<typeof JOURNAL_SHOW_FLAGS>;

/** Runs that are laid out together. */
const PIECE_RUNS = 500;
/** How often a journal that is followed is looked at. */
const POLL_MS = 200;

/**
 * `scoreline journal show`: reads journals once through, or follows them, in the memory of their open runs. Throws what reading throws, `run-missing` (66),
 * `not-a-journal` and `journal-damaged` (65, after all that could be read was shown).
 */
export async function runJournalShow(settings: Settings, { effects, reporter }: Context): Promise<StatusName> {
  const files = await filesOf(settings, effects.env);
  const printer = new Printer(settings, effects);
  const faults = new LineFaults();
  if (settings.follow === true) return follow(files, printer, faults, effects.signal);
  for (const file of files) for await (const line of readJournal(file)) printer.add(line, file, faults);
  printer.finish();
  faults.close(reporter);
  if (printer.shown > 0) return 'ok';
  if (settings.run !== undefined) throw missingRun(settings.run);
  reporter.warnings([{ code: 'no-runs', message: 'no run of the journal is one of those asked for', count: 1 }]);
  return 'ok';
}

async function filesOf({ journal, rotated, follow: following }: Settings, env: Context['effects']['env']): Promise<readonly string[]> {
  const files = await namedFiles(journal, env);
  if (following === true && files.includes('-')) {
    throw usageError(
      'conflicting-flags',
      '--follow and stdin contradict each other: only a file can be rotated',
      'Name the journal, or leave --follow out.',
    );
  }
  if (rotated !== true) return files;
  return (await Promise.all(files.map(async (file) => [...(await rotatedBeside(file)), file]))).flat();
}

/** Until a signal comes, which is how this ends well. */
async function follow(files: readonly string[], printer: Printer, faults: LineFaults, signal: AbortSignal): Promise<StatusName> {
  const tails = files.map((file) => new JournalTail(file));
  try {
    for (const file of files) await checkThere(file);
    while (!signal.aborted) {
      for (const tail of tails) for await (const line of tail.drain()) printer.add(line, tail.path, faults);
      printer.flush();
      await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    for (const tail of tails) await tail.close();
  }
  if (signal.reason instanceof InterruptedError) return signal.reason.statusName;
  throw signal.reason;
}

/** A journal that is not there at all is a slip of the pen; one that has left its head was just renamed, and comes again. */
async function checkThere(file: string): Promise<void> {
  if (await hasHead(file)) return;
  const lines = readJournal(file);
  await lines.next();
  await lines.return();
}

/** Lays out runs in the form that was asked for. */
class Printer {
  readonly #merge = new RunMerge();
  readonly #matches: (run: JournalRun) => boolean;
  readonly #write: (text: string) => void;
  readonly #layOut: (runs: readonly JournalRun[]) => string;
  #pending: JournalRun[] = [];
  shown = 0;

  constructor(settings: Settings, { now, stdout }: Context['effects']) {
    const [utc, width] = [settings.utc === true, stdout.columns];
    const table = new RunTable(width, utc);
    this.#matches = runFilter(settings, now(), utc);
    this.#write = (text) => stdout.write(text);
    if (settings.json === true) this.#layOut = (runs) => runs.map(runLine).join('');
    else if (settings.run !== undefined) this.#layOut = (runs) => runs.map((run) => runText(run, { utc, width })).join('\n');
    else this.#layOut = (runs) => table.piece(runs);
  }

  add({ decoded, number }: ReadLine, file: string, faults: LineFaults): void {
    if (!decoded.ok) faults.add(decoded.fault, file, number);
    else {
      faults.good++;
      this.#take(this.#merge.add(decoded.entry, file));
    }
  }

  /** Shows runs without an end, too. */
  finish(): void {
    this.#take(this.#merge.rest());
    this.flush();
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    this.#write(this.#layOut(this.#pending));
    this.shown += this.#pending.length;
    this.#pending = [];
  }

  #take(runs: readonly JournalRun[]): void {
    for (const run of runs) if (this.#matches(run)) this.#pending.push(run);
    if (this.#pending.length >= PIECE_RUNS) this.flush();
  }
}

function missingRun(id: string): JournalError {
  return new JournalError('run-missing', `the journal has no run whose id begins or ends with '${id}'`, {
    status: 'missing',
    fix: 'See the ids: scoreline journal show JOURNAL; runs of older files are seen with --rotated.',
  });
}
