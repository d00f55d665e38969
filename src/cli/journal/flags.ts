import { RUN_STATUSES } from '../../journal/runs.js';
import type { Flag } from '../flag.js';
import { PEOPLE_FLAGS } from '../flags.js';

export const JOURNAL_FLAG = {
  name: 'journal',
  kind: 'paths',
  arg: 'PATH|-',
  example: 'scores.csv.journal.jsonl',
  group: 'io',
  help: 'The journal, or a folder with journals; the same as the argument JOURNAL (repeatable).',
  more: 'Files compressed by gzip are read as they are; - is stdin.',
  default: '*.journal.jsonl of $SCORELINE_STATE_DIR or $STATE_DIRECTORY, else of the current folder',
} as const satisfies Flag;

export const ROTATED_FLAG = {
  name: 'rotated',
  kind: 'boolean',
  group: 'io',
  help: 'Read the rotated files beside each journal, too, oldest first: JOURNAL.1, JOURNAL.2.gz, JOURNAL-20261101.',
} as const satisfies Flag;

export const UTC_FLAG = {
  name: 'utc',
  kind: 'boolean',
  group: 'people',
  help: 'Show and read times in UTC instead of local time.',
} as const satisfies Flag;

/** Questions to the journal: a variable that is set for scoring must not leave runs out. */
const FILTER = { group: 'filter', environment: false } as const;

/** Flags of `scoreline journal show`. */
export const JOURNAL_SHOW_FLAGS = [
  JOURNAL_FLAG,
  ROTATED_FLAG,
  {
    name: 'follow',
    short: 'f',
    kind: 'boolean',
    group: 'io',
    environment: false,
    help: 'Go on reading, and print runs as they end; also behind a rotation by rename.',
  },
  {
    ...FILTER,
    name: 'status',
    kind: 'choices',
    values: RUN_STATUSES,
    arg: 'STATUS,...',
    example: 'failed,aborted',
    help: `Runs that ended so: ${RUN_STATUSES.join(', ')} (without an end).`,
  },
  {
    ...FILTER,
    name: 'since',
    kind: 'time',
    arg: 'TIME',
    example: '2d',
    help: 'Runs that started at that time or later: 2d (ago), today, 2026-11-01T06:00.',
  },
  {
    ...FILTER,
    name: 'until',
    kind: 'time',
    arg: 'TIME',
    example: '2026-11-01',
    help: 'Runs that started at that time or before; a date without a time is the whole day.',
  },
  {
    ...FILTER,
    name: 'model',
    short: 'm',
    kind: 'text',
    arg: 'MODEL',
    example: 'churn.onnx',
    help: 'Runs of this model: its path, the end of its path, or the beginning of its digest.',
  },
  { ...FILTER, name: 'job', kind: 'text', arg: 'NAME', example: 'churn-nightly', help: 'Runs of this job.' },
  { ...FILTER, name: 'tag', kind: 'pairs', arg: 'NAME=VALUE', example: 'team=risk', help: 'Runs that carry this label (repeatable: all of them).' },
  {
    ...FILTER,
    name: 'run',
    kind: 'text',
    arg: 'ID',
    example: '0192a5b8',
    help: 'Show the run of this id whole; its beginning or its end, as the table has it, will do.',
  },
  { name: 'json', kind: 'boolean', group: 'people', help: 'Print one JSON object a run, each on a line.', more: 'Its keys are stable.' },
  UTC_FLAG,
  ...PEOPLE_FLAGS,
] as const satisfies readonly Flag[];

/** Flags of `scoreline journal verify`. */
export const JOURNAL_VERIFY_FLAGS = [
  JOURNAL_FLAG,
  ROTATED_FLAG,
  { name: 'skip-outputs', kind: 'boolean', group: 'io', help: 'Do not read the files that runs have published.' },
  { name: 'json', kind: 'boolean', group: 'people', help: 'Print one JSON object a journal, each on a line.', more: 'Its keys are stable.' },
  UTC_FLAG,
  ...PEOPLE_FLAGS,
] as const satisfies readonly Flag[];
