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

/** What may stand behind a flag that is its value, and not the next word of a sentence: in quotes, a pair, a number, a placeholder, a list, a keyword. */
const VALUE = [
  /(?:'[^']*'(?:\\''[^']*')*)/,
  /(?<=--null-value )[^\s'][^\s']*/, // any sign
  /[\w@%+:./"-]+=[\w@%+=:,./"-]*[\w"]/,
  /\d[\w.%]*/,
  /@[A-Z]+/,
  /[A-Z]{2,}/,
  /[\w"]+(?:,[\w"…]+)+/,
  /(?:fill|argmax|none|tab|windows-\d+)\b/,
]
  .map(({ source }) => source)
  .join('|');
const FLAG = new RegExp(`--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?: (${VALUE}))?`);
const FLAGS = new RegExp(`${FLAG.source}(?: ${FLAG.source})*`, 'g');

/** A text about a run, for whoever wrote a job file: `--max-rejects 1%` is `maxRejects: 1%` there. */
export function inJobWords(text: string): string {
  const told = text.replace(FLAGS, (flags) => {
    const given = new Map<string, Given>();
    for (const [whole, name = '', value] of flags.matchAll(new RegExp(FLAG, 'g'))) {
      const values = [...(given.get(name)?.values ?? []), ...(value === undefined ? [] : [value])];
      given.set(name, { whole, values });
    }
    return [...given].map(([name, { whole, values }]) => keyText(whole, name, values)).join(', ');
  });
  return told.replace('Give the same command again: it goes on', 'The next run goes on').replace('The same command goes on', 'The next run goes on');
}

/** A flag of a command line, as often as it stands there. */
interface Given {
  readonly whole: string;
  readonly values: readonly string[];
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

function keyText(whole: string, name: string, values: readonly string[]): string {
  if (OF_COMMANDS.has(name)) return whole;
  const key = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (values.length === 0) return name.startsWith('no-') ? `${key}: true` : key;
  return `${key}: ${yamlText(name, values.map(unquoted))}`;
}

/** Flags whose value is a list of names, whatever stands in it. */
const LISTS: ReadonlySet<string> = new Set(['columns', 'features', 'keep']);

/** Values as they stand behind a key: pairs as a map, several as a list. */
function yamlText(name: string, values: readonly string[]): string {
  if (PAIRS.has(name)) return `{ ${values.map(pairText).join(', ')} }`;
  const names = values.flatMap((value) => (LISTS.has(name) || /^[\w"]+(?:,[\w"…]+)+$/.test(value) ? (value.match(/"(?:[^"]|"")*"|[^,]+/g) ?? []) : [value]));
  const [first = ''] = names;
  if (names.length === 1 && name !== 'null-value') return scalarText(first);
  return `[${names.map(scalarText).join(', ')}]`;
} // prettier-ignore

const PAIRS: ReadonlySet<string> = new Set(['bind', 'label-names', 'tag']);

function pairText(pair: string): string {
  const [, name = '', value = ''] = /^("(?:[^"]|"")*"|[^=]*)=?([^]*)$/.exec(pair) ?? [];
  return `${scalarText(name)}: ${scalarText(value)}`;
}

/** A word without the quotes that a shell takes off. */
function unquoted(word: string): string {
  return word.startsWith("'") ? word.slice(1, -1).replaceAll(String.raw`'\''`, "'") : word;
}

/** As YAML takes it for one text; what stands in double quotes has them already. */
function scalarText(text: string): string {
  const isPlain = /^[\w@][\w%./-]*…?$|^…$|^".*"$/.test(text) && !/^@[A-Z]/.test(text);
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`;
}
