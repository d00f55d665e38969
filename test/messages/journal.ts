import { encodeEntry, GENESIS } from '#src/journal/entry.js';
import { sampleDrafts, sampleRun } from '../journal/samples.js';
import type { Scene } from './scene.js';

/** A journal of these lines, made without the writer. */
function journalOf(count: number): string {
  let link = GENESIS;
  return sampleDrafts()
    .slice(0, count)
    .map((draft) => {
      const { line, link: next } = encodeEntry(draft, '2025-10-09T08:53:20.000Z', link);
      link = next;
      return line.toString();
    })
    .join('');
}

const WHOLE = { 'scores.csv.journal.jsonl': journalOf(4) };
const TORN = { 'scores.csv.journal.jsonl': `${journalOf(4)}{"v":1,"seq":5,"kind":"STA` };

/** What `scoreline journal` says of journals: 64, 65, 66. */
export const JOURNAL: readonly Scene[] = [
  { code: 'missing-journal', about: 'none named, and none here', line: 'scoreline journal show' },
  { code: 'journal-missing', about: 'no such file', line: 'scoreline journal show scores.journal.jsonl', files: WHOLE },
  { code: 'journal-missing', about: 'a folder without', line: 'scoreline journal verify data', files: { 'data/in.csv': 'x\n1\n' } },
  { code: 'not-a-journal', about: 'the predictions instead', line: 'scoreline journal show scores.csv', files: { 'scores.csv': 'id\n1\n', ...WHOLE } },
  { code: 'journal-damaged', about: 'a line was changed', line: 'scoreline journal show', files: { 'scores.csv.journal.jsonl': journalOf(4).replace('"scored":997', '"scored":998') } },
  { code: 'run-missing', about: 'no such run', line: 'scoreline journal show --run 0192', files: WHOLE },
  { code: 'run-missing', about: 'a report of a run whose id has a slip', line: `scoreline report --run ${sampleRun(1).slice(0, -1)}7`, files: WHOLE },
  { code: 'run-open', about: 'a report of a run without an end', line: 'scoreline report', files: { 'scores.csv.journal.jsonl': journalOf(1) } },
  { code: 'run-ambiguous', about: 'a report of several runs', line: `scoreline report --run ${sampleRun(1).slice(0, 8)}`, files: { 'scores.csv.journal.jsonl': journalOf(6) } },
  { code: 'same-file', about: 'a report in the place of the journal', line: 'scoreline report -o scores.csv.journal.jsonl', files: WHOLE },
  { code: 'output-foreign', about: 'a report in the place of the predictions', line: 'scoreline report -o scores.csv', files: { 'scores.csv': 'id\n1\n', ...WHOLE } },
]; // prettier-ignore

export const JOURNAL_WARNINGS: readonly Scene[] = [
  { code: 'journal-torn', about: 'what a crash left', line: 'scoreline journal show -v', files: TORN },
  { code: 'no-runs', about: 'nothing that was asked for', line: 'scoreline journal show -v --status aborted', files: WHOLE },
]; // prettier-ignore
