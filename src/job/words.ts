import { JobError, ScorelineError } from '../errors/errors.js';

/** Flags of the commands that a job is run by, and no keys of its file. */
const OF_COMMANDS: ReadonlySet<string> = new Set([
  'dry-run',
  'job',
  'json',
  'lock-wait',
  'max-age',
  'progress',
  'quiet',
  'rescore',
  'update',
  'verbose',
]);

const FLAG = /--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?: (\d[\w.%]*|@[A-Z]+|[A-Z]{2,}|[\w"]+(?:,[\w"…]+)+))?/;
const FLAGS = new RegExp(`${FLAG.source}(?: ${FLAG.source})*`, 'g');

/** A text about a run, for whoever wrote a job file: `--max-rejects 1%` is `maxRejects: 1%` there. */
export function inJobWords(text: string): string {
  const told = text.replace(FLAGS, (flags) =>
    [...flags.matchAll(new RegExp(FLAG, 'g'))].map(([whole, name = '', value]) => keyText(whole, name, value)).join(', '),
  );
  return told.replace('Give the same command again: it goes on', 'The next run goes on').replace('The same command goes on', 'The next run goes on');
}

/** An error of a run, in words of the job: what would be wrong with a command line is wrong with the job file `file`, 78. */
export function errorInJobWords(error: ScorelineError, file: string): ScorelineError {
  const { code, message, fix, details, cause, statusName } = error;
  const isUsage = statusName === 'usage';
  const place = isUsage && error.place.file === undefined ? { file } : error.place;
  const context = { place, details, cause, ...(fix === undefined ? {} : { fix: inJobWords(fix) }) };
  const told = isUsage ? new JobError(code, inJobWords(message), context) : new ScorelineError(code, inJobWords(message), statusName, context);
  if (error.stack !== undefined) told.stack = error.stack;
  return told;
}

function keyText(whole: string, name: string, value: string | undefined): string {
  if (OF_COMMANDS.has(name)) return whole;
  const key = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (value !== undefined) return `${key}: ${value.includes(',') ? `[${value.replaceAll(',', ', ')}]` : value}`;
  return name.startsWith('no-') ? `${key}: true` : key;
}
