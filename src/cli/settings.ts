import { isRepeatable, keyOf, variableOf, type Flag, type SettingsOf } from './flag.js';
import { namesOf, splitList, splitPair, unquote } from './list.js';
import { badValue, usageError, type Origin } from './usage.js';
import * as read from './values.js';

/** What was written on the command line, in order: the flag's name, its argument (undefined for switches), and how it was named there. */
export interface Given {
  readonly name: string;
  readonly text: string | undefined;
  readonly label: string;
  /** Default: the command line. */
  readonly from?: 'job file';
}

/** What settings are made from. */
export interface Sources {
  readonly given: readonly Given[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a whole text file, for `@FILE`. */
  readonly readText: (path: string) => string;
}

/** Where the value of a flag stands, before it is read. */
interface Found {
  readonly flag: Flag;
  readonly texts: readonly (string | undefined)[];
  readonly origin: Origin;
}

/**
 * The settings of a command: from the command line, else from the environment (an empty variable counts as not set). A flag of the
 * command line also sets aside variables that contradict it. Throws UsageErrors (`bad-value`, `conflicting-flags`, `missing-flag`, `list-unreadable`).
 */
export function readSettings<const Table extends readonly Flag[]>(table: Table, sources: Sources): SettingsOf<Table> {
  const found = dropOverruled(table.flatMap((flag) => find(flag, sources)));
  checkTogether(found);
  const entries = found.map((entry) => [keyOf(entry.flag), readValue(entry, sources)] as const);
  // the table gives each key its kind, and readValue the type of that kind
  return Object.fromEntries(entries.filter(([, value]) => value !== false)) as SettingsOf<Table>;
}

function find(flag: Flag, { given, env }: Sources): readonly Found[] {
  const here = given.filter(({ name }) => name === flag.name);
  const first = here[0];
  if (first !== undefined) {
    const labels = new Set(here.map(({ label }) => label.startsWith('-')));
    if (labels.size > 1) {
      throw usageError('conflicting-flags', `the ${flag.name} is given twice, by --${flag.name} and as an argument`, `Leave one of the two out.`);
    }
    const texts = (isRepeatable(flag) ? here : here.slice(-1)).map(({ text }) => text);
    return [{ flag, texts, origin: { flag, from: first.from ?? 'command line', label: first.label } }];
  }
  const text = flag.environment === false ? undefined : env[variableOf(flag)];
  if (text === undefined || text === '') return [];
  const origin: Origin = { flag, from: 'environment', label: variableOf(flag) };
  if (flag.kind === 'boolean' && !read.readSwitch(text, origin)) return [];
  return [{ flag, texts: ['texts', 'gates', 'pairs'].includes(flag.kind) ? splitList(text, true) : [text], origin }];
}

/** Variables that contradict a flag of the command line do not count. */
function dropOverruled(found: readonly Found[]): readonly Found[] {
  const typed = found.filter(({ origin }) => origin.from !== 'environment');
  return found.filter((entry) => entry.origin.from !== 'environment' || !typed.some((other) => contradict(entry.flag, other.flag)));
}

function contradict(a: Flag, b: Flag): boolean {
  return (a.conflicts?.includes(b.name) ?? false) || (b.conflicts?.includes(a.name) ?? false);
}

/** Which line of a job file is at fault. */
function flagOf({ from, flag }: Origin): Readonly<Record<string, unknown>> | undefined {
  return from === 'job file' ? { flag: `--${flag.name}` } : undefined;
}

function checkTogether(found: readonly Found[]): void {
  for (const { flag, origin } of found) {
    const other = found.find((entry) => contradict(flag, entry.flag));
    if (other !== undefined) {
      throw usageError(
        'conflicting-flags',
        `${origin.label} and ${other.origin.label} contradict each other`,
        'Leave one of the two out.',
        flagOf(origin),
      );
    }
    if (flag.needs !== undefined && !found.some((entry) => entry.flag.name === flag.needs)) {
      const needed = origin.from === 'job file' ? keyOf({ name: flag.needs }) : `--${flag.needs}`;
      throw usageError('missing-flag', `${origin.label} needs ${needed}`, `Add ${needed}, or leave ${origin.label} out.`, flagOf(origin));
    }
  }
}

function readValue({ flag, texts, origin }: Found, sources: Sources): unknown {
  const text = texts[0] ?? '';
  switch (flag.kind) {
    case 'boolean':
      return true;
    case 'choice':
      return read.readChoice(text, origin, flag.values);
    case 'list':
      if (flag.keywords?.includes(text) === true) return text;
      return texts.flatMap((list) => readNames(list ?? '', origin, sources));
    case 'texts':
      return origin.from === 'environment' ? texts.map((item) => unquote(item ?? '') ?? item ?? '') : texts;
    case 'gates':
      return texts.map((item) => read.readGate((origin.from === 'environment' ? unquote(item ?? '') : undefined) ?? item ?? '', origin));
    case 'paths':
      return texts.map((path) => read.readPath(path ?? '', origin));
    case 'choices':
      return texts.flatMap((list) => splitList(list ?? '').map((word) => read.readChoice(word, origin, flag.values)));
    case 'pairs':
      return readPairs(texts, origin);
    case 'count':
      return read.readCount(text, origin, flag.min, flag.max);
    case 'limit':
      return read.readLimit(text, origin);
    case 'share':
      return read.readShare(text, origin);
    case 'size':
      return read.readSize(text, origin, flag.maxBytes);
    case 'duration':
      return read.readDuration(text, origin, flag);
    case 'delimiter':
      return read.readDelimiter(text, origin);
    case 'quote':
      return read.readQuote(text, origin);
    case 'character':
      return read.readCharacter(text, origin);
    case 'time':
      return read.readTime(text, origin);
    case 'sha256':
      return read.readSha256(text, origin);
    case 'path':
      return read.readPath(text, origin);
    case 'place':
      return read.readPlace(text, origin);
    case 'text':
      return text;
  }
}

/** A list of names, or the lines of an `@FILE`. */
function readNames(text: string, origin: Origin, { readText }: Sources): readonly string[] {
  if (text.startsWith('@')) return readNamesFile(text.slice(1), origin, readText);
  return splitList(text).map((item) => {
    const name = unquote(item);
    if (name === undefined || name === '') throw badValue(origin, text, 'names separated by commas, or @FILE');
    return name;
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
};

function readNamesFile(path: string, origin: Origin, readText: (path: string) => string): readonly string[] {
  const given = origin.from === 'job file' ? `${origin.label}: "@FILE"` : `--${origin.flag.name} @FILE`;
  const fix = `Write one name a line in a file, and give it as: ${given}`;
  let names: readonly string[];
  try {
    names = namesOf(readText(path));
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    const found = REASONS[reason] ?? `it cannot be read (${reason})`;
    throw usageError('list-unreadable', `${origin.label} names the file '${path}': ${found}`, fix, { path, reason, ...flagOf(origin) });
  }
  if (names.length === 0)
    throw usageError('list-unreadable', `${origin.label} names the file '${path}': it holds no name`, fix, { path, ...flagOf(origin) });
  return names;
}

function readPairs(texts: readonly (string | undefined)[], origin: Origin): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const pair = splitPair(text ?? '');
    if (pair === undefined) throw badValue(origin, text ?? '', origin.flag.kind === 'pairs' ? origin.flag.arg : 'NAME=VALUE');
    const [name, value] = pair;
    if (pairs.has(name) && pairs.get(name) !== value) {
      throw usageError('conflicting-flags', `${origin.label} names '${name}' twice, with different values`, 'Leave one of the two out.');
    }
    pairs.set(name, value);
  }
  // fromEntries defines own properties, so that a name such as __proto__ stays a name
  return Object.fromEntries(pairs);
}
