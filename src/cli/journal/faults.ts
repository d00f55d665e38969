import { existsSync } from 'node:fs';
import { JournalError } from '../../errors/errors.js';
import type { LineFault } from '../../journal/entry.js';
import type { Finding } from '../../report/content.js';
import { plural } from '../report/figures.js';
import type { Reporter } from '../report/reporter.js';
import { shellPath } from '../shell.js';

interface Faulty {
  readonly file: string;
  readonly line: number;
}

/** Counts the lines that do not prove themselves, while the others are shown. */
export class LineFaults {
  /** Lines that prove themselves. */
  good = 0;
  #torn = 0;
  #firstTorn: Faulty | undefined;
  #damaged = 0;
  #firstDamaged: Faulty | undefined;

  add(fault: LineFault, file: string, line: number): void {
    if (fault === 'torn') {
      this.#torn++;
      this.#firstTorn ??= { file, line };
    } else {
      this.#damaged++;
      this.#firstDamaged ??= { file, line };
    }
  }

  /** What a report says of the journal itself. */
  findings(): readonly Finding[] {
    const at = ({ file, line }: Faulty): string => `first line ${line} of ${file}`;
    return [
      ...(this.#firstDamaged === undefined ? [] : [{ level: 'failed' as const, text: `The journal is damaged: ${plural(this.#damaged, 'line')} changed after being written and left out here, ${at(this.#firstDamaged)}` }]),
      ...(this.#firstTorn === undefined ? [] : [{ level: 'note' as const, text: `${plural(this.#torn, 'line')} of the journal half-written, as a crash leaves them, and passed over, ${at(this.#firstTorn)}` }]),
    ];
  } // prettier-ignore

  /**
   * At the end of all files. What a crash left half-written is told of; throws JournalError `journal-damaged` (65) for lines that were changed, and
   * `not-a-journal` (65) where no line is one.
   */
  close(reporter: Reporter): void {
    if (this.good === 0 && this.#firstTorn !== undefined) throw notAJournal(this.#firstTorn.file);
    if (this.#firstTorn !== undefined) {
      const { file, line } = this.#firstTorn;
      const message = `${plural(this.#torn, 'line')} half-written and passed over, first line ${line} of '${file}'`;
      reporter.warnings([{ code: 'journal-torn', message, count: 1 }]);
    }
    if (this.#firstDamaged === undefined) return;
    const { file, line } = this.#firstDamaged;
    throw new JournalError('journal-damaged', `${plural(this.#damaged, 'line')} changed after being written, and not shown`, {
      status: 'data',
      place: { file, line },
      fix: `See all that is wrong: scoreline journal verify ${shellPath(file)}`,
    });
  }
}

function notAJournal(file: string): JournalError {
  const meant = `${file}.journal.jsonl`;
  return new JournalError('not-a-journal', `'${file}' is no journal: none of its lines is one`, {
    status: 'data',
    place: { file },
    fix: existsSync(meant)
      ? `Did you mean: scoreline journal show ${shellPath(meant)}`
      : 'Name a journal: by default it is called OUTPUT.journal.jsonl.',
  });
}
