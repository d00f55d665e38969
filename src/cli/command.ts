import type { StatusName } from '../errors/statuses.js';
import type { Effects } from './effects.js';
import type { Flag } from './flag.js';
import { INSPECT_FLAGS, SCORE_FLAGS } from './flags.js';
import { CHECK_FLAGS, RUN_JOB_FLAGS, STATUS_FLAGS } from './job/flags.js';
import { JOURNAL_SHOW_FLAGS, JOURNAL_VERIFY_FLAGS } from './journal/flags.js';
import { PROFILE_FLAGS } from './profile/flags.js';
import type { Reporter } from './report/reporter.js';
import { REPORT_FLAGS } from './run-report/flags.js';
import { readSettings, type Sources } from './settings.js';

/** What a command gets beside its settings. */
export interface Context {
  readonly effects: Effects;
  readonly reporter: Reporter;
}

/** How a command ended: by a row of the status table, or by a status of a table of its own, as monitors have one. */
export type Ending = StatusName | { readonly status: number };

export interface Example {
  readonly title: string;
  readonly lines: readonly string[];
}

/** A command as data; its code is loaded when it is chosen. */
export interface Command {
  /** One word, or two: `journal show`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly usage: string;
  /** Paragraphs for help and manual. */
  readonly description: readonly string[];
  /** The argument without a flag, and the flag whose place it takes. */
  readonly argument: { readonly label: string; readonly flag: string; /** May it stand several times? */ readonly several?: boolean };
  readonly flags: readonly Flag[];
  /** Has the flags of `score`, which help and manual do not repeat. */
  readonly likeScore?: boolean;
  readonly examples: readonly Example[];
  /** Reads the settings and runs. */
  readonly run: (sources: Sources, context: Context) => Promise<Ending>;
}

export const COMMANDS: readonly Command[] = [
  {
    name: 'score',
    summary: 'Score one file or stream.',
    usage: 'scoreline score -m MODEL [INPUT|-] [-o OUTPUT|-] [flags]',
    description: [
      'Reads CSV or Arrow, runs every row through an ONNX model, and writes the kept columns and the predictions. Columns bind to the model by name.',
      'The output appears whole or not at all; rows in = scored + rejected is checked before it does. Success prints nothing where stderr is no terminal.',
    ],
    argument: { label: 'INPUT', flag: 'input' },
    flags: SCORE_FLAGS,
    examples: [
      { title: 'By hand:', lines: ['scoreline score -m churn.onnx customers.csv -o scores.csv'] },
      {
        title: 'From cron, nothing printed unless it fails:',
        lines: ['15 2 * * *  /usr/local/bin/scoreline score -m churn.onnx in.csv -o out.csv --max-rejects 1\\%'],
      },
      {
        title: 'In a pipe (pipefail makes its failure the failure of the line):',
        lines: ['set -o pipefail; zcat big.csv.gz | scoreline score -m churn.onnx | gzip > scores.csv.gz'],
      },
      { title: 'Arrow in, Arrow out, ids kept:', lines: ['scoreline score -m churn.onnx in.arrow -o out.arrow --keep customer_id'] },
      { title: 'A matrix model without column names:', lines: ['scoreline score -m trees.onnx --features age,income,tenure in.csv -o out.csv'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(SCORE_FLAGS, sources);
      const { runScore } = await import('./commands/score.js');
      return runScore(settings, context);
    },
  },
  {
    name: 'run',
    summary: 'Score every new input of a job, each once.',
    usage: 'scoreline run JOB.yaml [--dry-run] [--rescore] [flags]',
    description: [
      'What cron calls: scores the inputs that a job file names and that are not published yet, oldest first. One that fails keeps no other back, and is tried again by the next run.',
      'Interrupted anywhere, the next run goes on; started ten times at once, one works and the others end with 75. Of several inputs the gravest status wins.',
    ],
    argument: { label: 'JOB', flag: 'job' },
    flags: RUN_JOB_FLAGS,
    examples: [
      { title: 'From cron, nothing printed unless something fails:', lines: ['*/10 * * * *  /usr/local/bin/scoreline run /srv/churn/nightly.yaml'] },
      { title: 'What would it do?', lines: ['scoreline run nightly.yaml --dry-run'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(RUN_JOB_FLAGS, sources);
      const { runRun } = await import('./commands/run.js');
      return runRun(settings, context);
    },
  },
  {
    name: 'status',
    summary: 'Tell a monitor how a job does.',
    usage: 'scoreline status JOB.yaml [--max-age 26h] [--json]',
    description: [
      'Prints one line, as Nagios and its kin read it, and ends with 0 (ok), 1 (warning), 2 (critical) or 3 (unknown): is something published often enough, does an input fail, is one missing that was expected?',
      'Reads the ledger and the folders of the job, and changes nothing.',
    ],
    argument: { label: 'JOB', flag: 'job' },
    flags: STATUS_FLAGS,
    examples: [{ title: 'In a monitor:', lines: ['scoreline status /srv/churn/nightly.yaml --max-age 26h'] }],
    run: async (sources, context) => {
      const settings = readSettings(STATUS_FLAGS, sources);
      const { runStatus } = await import('./commands/status.js');
      return runStatus(settings, context);
    },
  },
  {
    name: 'check',
    summary: 'Try everything that a run needs, and change nothing.',
    usage: 'scoreline check JOB.yaml | -m MODEL INPUT [-o OUTPUT] [--json] [flags of score]',
    description: [
      'Goes the way of a run on the first rows: the header against the model, with names that come near; the values of each column, with the flag that mends them; categories and ranges ' +
        'that contract or model know; golden rows, fallback and gates; the folder of the output, room and time. Takes about a second on an input of any size, reads no more of it than its ' +
        'first rows, and leaves nothing behind. One screen, what fails first; -v shows all of it, -q only what failed.',
      'Ends with the gravest status of what failed: what a run would end with, as far as the first rows can tell. Warnings alone are 0.',
    ],
    argument: { label: 'JOB|INPUT', flag: 'input' },
    flags: CHECK_FLAGS,
    likeScore: true,
    examples: [
      { title: 'Before the job goes to cron:', lines: ['scoreline check nightly.yaml'] },
      { title: 'Before a long run:', lines: ['scoreline check -m churn.onnx customers.csv -o scores.csv'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(CHECK_FLAGS, sources);
      const { runCheck } = await import('./commands/check.js');
      return runCheck(settings, context);
    },
  },
  {
    name: 'inspect',
    summary: 'Show what a model wants and what it returns.',
    usage: 'scoreline inspect MODEL [--json] [flags]',
    description: [
      'Shows inputs, outputs, classes, operators, family, digest and size of a model, what its graph knows of the data that it was trained on (categories, means and deviations, fill values, thresholds), and the line that scores with it.',
    ],
    argument: { label: 'MODEL', flag: 'model' },
    flags: INSPECT_FLAGS,
    examples: [
      { title: 'By hand:', lines: ['scoreline inspect churn.onnx'] },
      { title: 'For programs:', lines: ['scoreline inspect churn.onnx --json | jq -r .sha256'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(INSPECT_FLAGS, sources);
      const { runInspect } = await import('./commands/inspect.js');
      return runInspect(settings, context);
    },
  },
  {
    name: 'profile',
    summary: 'Write a contract from training data, of a model or for any.',
    usage: 'scoreline profile TRAIN [-m MODEL] [--target COLUMN] [--id COLUMN]... [-o CONTRACT] | --explain CONTRACT',
    description: [
      'Reads the training data once, scores it, and writes beside the model what it expects of a row: fields with types, ranges and categories, order of features, ' +
        'golden rows, and the baseline that runs are compared with; with --target also what the model gets right.',
      'Without -m it tells the types of the columns from their values, and writes schema and baseline alone: runs by any model whose inputs have these names are compared with it by --contract.',
      'A contract that is there is not replaced. --update measures it anew and leaves what people have written in it.',
    ],
    argument: { label: 'TRAIN', flag: 'input' },
    flags: PROFILE_FLAGS,
    likeScore: true,
    examples: [
      { title: 'Once for a model:', lines: ['scoreline profile train.csv -m churn.onnx --target left --id customer_id'] },
      {
        title: 'Before there is a model:',
        lines: [
          'scoreline profile train.csv --target left --id customer_id -o churn.data.json',
          'scoreline score -m churn.onnx --contract churn.data.json june.csv -o scores.csv',
        ],
      },
      { title: 'As a table:', lines: ['scoreline profile --explain churn.contract.json'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(PROFILE_FLAGS, sources);
      const { runProfile } = await import('./commands/profile.js');
      return runProfile(settings, context);
    },
  },
  {
    name: 'report',
    summary: 'Report on a run, on one page or on the terminal.',
    usage: 'scoreline report [JOURNAL|-]... [--run ID] [-o report.html] [flags]',
    description: [
      'Shows what a journal has of a run: rows accounted for, rejects, gates, drift with the baseline plotted beside the run, missing and unseen values, scores, time, and the trend of the last runs. ' +
        'Nothing but the journal is read, and nothing is shown that it does not hold.',
      'The page is one file without scripts that loads nothing; it prints, and is light or dark as its reader is. Without -o the same is printed as tables.',
    ],
    argument: { label: 'JOURNAL', flag: 'journal', several: true },
    flags: REPORT_FLAGS,
    examples: [
      { title: 'The last run as a page:', lines: ['scoreline report scores.csv.journal.jsonl -o report.html'] },
      { title: 'A certain one on the terminal:', lines: ['scoreline report scores.csv.journal.jsonl --run 3f9c0a55d1e2'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(REPORT_FLAGS, sources);
      const { runReport } = await import('./commands/report.js');
      return runReport(settings, context);
    },
  },
  {
    name: 'journal show',
    summary: 'Show the runs of a journal.',
    usage: 'scoreline journal show [JOURNAL|-]... [flags]',
    description: [
      'Prints the runs of journals as a table, one a line in the order in which they ended, those without an end last; with --run one run whole.',
      'A line that a crash left half-written is passed over and reported; a line that was changed is passed over, too, and ends the command with 65.',
    ],
    argument: { label: 'JOURNAL', flag: 'journal', several: true },
    flags: JOURNAL_SHOW_FLAGS,
    examples: [
      { title: 'What failed since the day before yesterday:', lines: ['scoreline journal show scores.csv.journal.jsonl --status failed --since 2d'] },
      { title: 'Everything about one run:', lines: ['scoreline journal show scores.csv.journal.jsonl --run 3f9c0a55d1e2'] },
      { title: 'For programs:', lines: ["scoreline journal show /var/lib/scoreline --json | jq -r 'select(.exit != 0) | .code'"] },
      { title: 'As it happens, on through rotations:', lines: ['scoreline journal show /var/lib/scoreline -f'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(JOURNAL_SHOW_FLAGS, sources);
      const { runJournalShow } = await import('./commands/journal-show.js');
      return runJournalShow(settings, context);
    },
  },
  {
    name: 'journal verify',
    summary: 'Prove that a journal is whole.',
    usage: 'scoreline journal verify [JOURNAL|-]... [flags]',
    description: [
      'Proves that no line was changed, lost, added or cut off, that every run has one start and at most one end, and that the files which runs have published ' +
        'still have the content that the newest COMMIT says.',
      'Rotated files may be named with the journal, in any order. Ends with 0 where all is whole, 65 where it is not; files that are gone are shown and held against nobody.',
    ],
    argument: { label: 'JOURNAL', flag: 'journal', several: true },
    flags: JOURNAL_VERIFY_FLAGS,
    examples: [
      { title: 'With the files that were rotated away:', lines: ['scoreline journal verify scores.csv.journal.jsonl --rotated'] },
      { title: 'From cron, nothing printed unless something is wrong:', lines: ['45 6 * * 1  scoreline journal verify -q /var/lib/scoreline'] },
      { title: 'Files that logrotate compressed, unpacked by hand:', lines: ['zcat J.2.gz | scoreline journal verify - J.1 J'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(JOURNAL_VERIFY_FLAGS, sources);
      const { runJournalVerify } = await import('./commands/journal-verify.js');
      return runJournalVerify(settings, context);
    },
  },
];

/** The flags that help and manual list of a command. */
export function listedFlags({ flags, likeScore }: Command): readonly Flag[] {
  const others: ReadonlySet<Flag> = new Set(likeScore === true ? SCORE_FLAGS : []);
  return flags.filter((flag) => !others.has(flag)); // one of the same name may say something else
}
