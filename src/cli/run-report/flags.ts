import type { Flag } from '../flag.js';
import { PEOPLE_FLAGS } from '../flags.js';
import { JOURNAL_FLAG, ROTATED_FLAG, UTC_FLAG } from '../journal/flags.js';

/** Flags of `scoreline report`. */
export const REPORT_FLAGS = [
  JOURNAL_FLAG,
  ROTATED_FLAG,
  {
    name: 'run',
    kind: 'text',
    arg: 'ID',
    example: '0192a5b8',
    group: 'filter',
    environment: false,
    help: 'The run to report on; the beginning or the end of its id will do.',
    default: 'the one that ended last',
  },
  {
    name: 'runs',
    kind: 'count',
    min: 1,
    max: 500,
    arg: 'N',
    example: '90',
    group: 'filter',
    environment: false,
    help: 'How many runs the trend goes back, this one included.',
    more: 'Of a journal that holds several jobs, those of the same job; else those of the same model path.',
    default: '30',
  },
  {
    name: 'output',
    short: 'o',
    kind: 'path',
    arg: 'PATH|-',
    example: 'report.html',
    group: 'io',
    environment: false,
    help: 'Write the report as one page of HTML that needs nothing else; - is stdout.',
    more: 'It replaces an earlier report, or an empty file; any other file is left as it is (73).',
    default: 'none: it is printed as text',
  },
  UTC_FLAG,
  ...PEOPLE_FLAGS,
] as const satisfies readonly Flag[];
