import { REJECT_CODES } from '../batch/reject.js';
import { STATUSES } from '../errors/statuses.js';
import { USAGE_CODES } from './codes.js';
import { COMMANDS, listedFlags, type Command } from './command.js';
import { usageOf, variableOf, type Flag } from './flag.js';
import { groupsOf } from './help.js';

const MADE_BY = '<!-- Made by tools/docs.mjs from the tables in src: change those, then run it again. -->';

/** `docs/cli.md`: every command and flag. */
export function cliPage(): string {
  return page([
    '# The command line',
    MADE_BY,
    [
      '```',
      ...COMMANDS.map(({ usage, summary }) => `${usage.padEnd(64)} # ${summary}`),
      'scoreline help [COMMAND]',
      'scoreline --version',
      '```',
    ].join('\n'),
    INTRODUCTION,
    ...COMMANDS.flatMap(commandSections),
  ]);
}

const INTRODUCTION = `Predictions go to stdout or to a file, never anything else with them. Errors go to stderr, one screen each: what, where, what to do, and a
code that stays the same. Warnings, progress and the closing summary are shown on a terminal only (or with \`-v\`); where stderr is no terminal,
success prints nothing, but one line where it is the journal of systemd (\`--syslog\`). What a command ends with stands in [exit-statuses.md](exit-statuses.md).

- A flag given on the command line wins over its environment variable; an empty variable counts as not set. A switch is set by \`1\` and not set by \`0\`.
- Of a flag that is given twice the last one holds, unless it is repeatable.
- Sizes are written \`64KB\`, \`8MB\` (KB is 1,024 bytes); shares \`1%\`.
- Lists of names are separated by commas. A name that holds a comma stands in double quotes, as in \`--features 'age,"income, yearly"'\`.
- \`NO_COLOR\` and \`TERM=dumb\` are heeded.`;

function commandSections(command: Command): readonly string[] {
  return [
    `## scoreline ${command.name}`,
    ['```', command.usage, '```'].join('\n'),
    ...command.description,
    ...(COMMAND_NOTES[command.name] ?? []),
    '### Examples',
    ...command.examples.map(({ title, lines }) => [title, '', '```sh', ...lines, '```'].join('\n')),
    ...groupsOf(listedFlags(command)).flatMap(({ title, flags }) => [`### ${title}`, flags.map(flagEntry).join('\n')]),
  ];
}

/** What the manual says of a command beyond its help. */
const COMMAND_NOTES: Readonly<Record<string, readonly string[]>> = {
  score: [
    'Without INPUT, or with `-`, stdin is read, unless it is a terminal; without `-o`, or with `-`, predictions go to stdout. stdout cannot be ' +
      'atomic: there the exit status says whether the output is whole, so use `set -o pipefail`.',
  ],
  inspect: [
    'With `--json` the object has every key, always, with null where nothing is known: `path`, `sha256`, `sizeBytes`, `family`, `inputs` (`name`, `type`, `shape`, ' +
      '`kind`: column or matrix, `width`, `categories`), `outputs` (`name`, `type`, `shape`, `role`: label, probabilities or value, `classes`), `fixedBatch`, `featureNames`, ' +
      '`classes`, `operators` (`domain`, empty for that of ONNX, `name`, `count`), `opsets`, `irVersion`, `producer`, `domain`, `modelVersion`, `doc`, `graphName`, `metadata`, ' +
      '`zipMaps`, `knowledge` (what the graph knows of its training data, by `input` and offset `at`: `categories`, `mean`, `deviation`, `imputed`, `range`, `thresholds`, each only where it is ' +
      'known: [knowledge.md](knowledge.md)), `parameters`, `contract` (path of the one that stands beside the model), and `score` (`line`: how to score with it, `notes`). Keys are only ever added.',
  ],
  'journal show': [
    'With `--json` an object has every key, always, with null where nothing is known: `run`, `status` (committed, failed, aborted, open), `started` and `ended` (ISO 8601, UTC), `seconds`, ' +
      '`exit` (the exit status; null for a run that was aborted or has no end), `code` (of the error, or why it was aborted), `model`, `input`, `output` (paths as given), `rows` (`in`, `scored`, ' +
      '`rejected`, `byCode`, `byColumn`), `published` and `rejects` (`path`, `sha256`, `bytes`), `job`, `labels`, `resumes`, `journal` (the file), `checkpoints` (how many), and the records of its ' +
      'lines as [journal.md](journal.md) has them, each with `seq` and `at`: `start`, `prepare`, `end` (with `kind`). Keys are only ever added.',
    'A journal of any size is read in the memory of the runs that have no end yet, of which it holds up to 10,000.',
  ],
  'journal verify': [
    'Published files are those that the newest COMMIT of their path names: `changed` (65), `gone`, `unreadable` (77), or `unrecorded`: published by a run that has no end in the journal yet. ' +
      'Paths that are not whole are looked for beside a journal that is called after them, else from the current folder.',
    'With `--json` an object has every key, always: `ok`, `journal`, `rotated`, `entries`, `runs`, `open` (ids of runs without an end), `torn` (`file`, `line`, `bytes`), `continues`, `head` (current, behind, ' +
      'rotated, missing, damaged, mismatch), `published` (`same`: how many; `others`: `path`, `role`, `sha256`, `bytes`, `run`, `at`, `state`, `place`, `found`), `problems` (`code`, `file`, `line`, `message`). ' +
      'Keys are only ever added.',
  ],
};

function flagEntry(flag: Flag): string {
  const facts = [
    ...(flag.default === undefined ? [] : [`Default: ${flag.default}.`]),
    ...('example' in flag ? [`Example: \`--${flag.name} ${flag.example}\`.`] : []),
    ...(flag.environment === false ? [] : [`Environment: \`${variableOf(flag)}\`.`]),
    ...(flag.needs === undefined ? [] : [`Needs \`--${flag.needs}\`.`]),
    ...(flag.conflicts === undefined ? [] : [`Not together with ${flag.conflicts.map((name) => `\`--${name}\``).join(', ')}.`]),
  ];
  return `- **\`${usageOf(flag)}\`** ${[flag.help, ...(flag.more === undefined ? [] : [flag.more]), ...facts].join(' ')}`;
}

/** An error that the sources throw: its code and the row of the status table that it ends with. */
export interface ThrownCode {
  readonly code: string;
  readonly status: string;
}

/** `docs/exit-statuses.md`: the table of statuses, with the codes of the errors that end with each, and the codes of rejects. */
export function statusPage(thrown: readonly ThrownCode[]): string {
  const codes = (name: string) => sortedUnique(thrown.filter(({ status }) => status === name).map(({ code }) => code));
  const rows = STATUSES.map(({ name, status, meaning }) => `| ${status} | ${meaning} | ${codes(name).map(ticked).join(' ')} |`);
  return page([
    '# Exit statuses',
    MADE_BY,
    'As in sysexits.h, plus what shells themselves use. Of several inputs in one run the gravest wins: the table is in that order.',
    ['| status | meaning | codes |', '|---|---|---|', ...rows].join('\n'),
    'Codes name the error itself: they stand at the end of a message, in `--log-format json` as `code`, and in the journal. They are stable; texts are not.',
    'A run stopped by SIGINT, SIGTERM or SIGHUP (the terminal went away) ends by that same signal after it has cleaned up; shells show 130, 143 and 129. A second signal ends it at once. ' +
      'With `--deadline` or `--max-memory` a run ends within half a second of the deadline or the signal, also out of native code. ' +
      'Where the reader of stdout goes away (`| head`), nothing is printed. A status of 75 prints nothing where stderr is no terminal.',
    '## Codes of a wrong command line (64)',
    table(USAGE_CODES),
    '## Codes of rejected rows',
    'A row that cannot be scored is a reject: counted in the summary and the journal, and written to the rejects file with its place and its record.',
    table(REJECT_CODES),
  ]);
}

function table(codes: Readonly<Record<string, string>>): string {
  return ['| code | meaning |', '|---|---|', ...Object.entries(codes).map(([code, meaning]) => `| ${ticked(code)} | ${meaning} |`)].join('\n');
}

function ticked(code: string): string {
  return `\`${code}\``;
}

function sortedUnique(codes: readonly string[]): readonly string[] {
  return [...new Set(codes)].sort();
}

function page(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}
