import type { Flag } from '../flag.js';
import { PEOPLE_FLAGS, PROGRESS_FLAG, SCORE_FLAGS, SINK_FLAGS, WARN_STATUS_FLAG } from '../flags.js';

const JOB_FLAG = {
  name: 'job',
  kind: 'path',
  arg: 'JOB.yaml',
  example: 'nightly.yaml',
  group: 'job',
  help: 'The job file; the same as the argument JOB.',
} as const satisfies Flag;

/** Flags of `scoreline run`. */
export const RUN_JOB_FLAGS = [
  JOB_FLAG,
  { name: 'dry-run', kind: 'boolean', group: 'job', environment: false, help: 'Print what would be scored, and where to; change nothing.' },
  {
    name: 'rescore',
    kind: 'boolean',
    group: 'job',
    environment: false,
    help: 'Score every input that is there, also those that were published before.',
    more: 'For a new model: by itself it opens no input again. What was published is replaced.',
  },
  {
    name: 'lock-wait',
    kind: 'duration',
    maxMs: 604_800_000,
    arg: 'TIME',
    example: '10m',
    group: 'job',
    help: 'How long to wait for another run of the job.',
    more: 'Without it such a run ends at once with status 75, and says so only on a terminal or with -v.',
    default: 'lockWait of the job file, else not at all',
  },
  { ...WARN_STATUS_FLAG, group: 'job', default: 'warnStatus of the job file, else 3' },
  ...SINK_FLAGS,
  ...PEOPLE_FLAGS,
  PROGRESS_FLAG,
] as const satisfies readonly Flag[];

/** Flags of `scoreline status`. */
export const STATUS_FLAGS = [
  JOB_FLAG,
  {
    name: 'max-age',
    kind: 'duration',
    maxMs: 31_622_400_000,
    arg: 'TIME',
    example: '26h',
    group: 'job',
    help: 'Critical where the last publication is longer ago.',
    default: 'no limit',
  },
  { name: 'json', kind: 'boolean', group: 'people', help: 'Print one JSON object, for programs.', more: 'Its keys are stable.' },
  ...PEOPLE_FLAGS,
] as const satisfies readonly Flag[];

/** Flags of `scoreline check`: those of `score`, for a single file. */
export const CHECK_FLAGS = [
  ...SCORE_FLAGS.filter(({ name }) => name !== 'progress' && !SINK_FLAGS.some((flag) => flag.name === name)),
  { name: 'json', kind: 'boolean', group: 'people', help: 'Print one JSON object, for programs.', more: 'Its keys are stable.' },
] as const satisfies readonly Flag[];
