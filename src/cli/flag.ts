import type { Gate } from '../check/gates/gate.js';
import type { Limit } from '../run/options.js';
import type { TimePoint } from './time.js';

/** Groups of flags, in the order in which help and manual show them. */
export const GROUPS = {
  job: 'Job',
  model: 'Model and columns',
  io: 'Input and output',
  rows: 'Rows',
  run: 'Run',
  sinks: 'Monitoring',
  filter: 'Which runs',
  people: 'People',
} as const;

export type Group = keyof typeof GROUPS;

interface FlagBase {
  /** Without the dashes. The environment variable and the job key follow from it. */
  readonly name: string;
  readonly short?: string;
  readonly group: Group;
  /** One line, for `--help`. */
  readonly help: string;
  /** More sentences, for the manual. */
  readonly more?: string;
  /** What holds when the flag is not given, in words. */
  readonly default?: string;
  /** Flags (by name) that contradict this one. */
  readonly conflicts?: readonly string[];
  /** A flag (by name) without which this one would do nothing. */
  readonly needs?: string;
  /** false: read from the command line only. For what asks a question, which a variable set for other commands must not change. */
  readonly environment?: false;
}

interface Argument {
  /** What stands for the argument in help: PATH, N, SIZE. */
  readonly arg: string;
  /** A right value, for messages and the manual. */
  readonly example: string;
}

/** A flag as data: the command line, the environment, help, manual and messages are made from it. */
export type Flag = FlagBase &
  (
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly values: readonly string[] }
    /** Names, separated by commas, or `@FILE` with one name a line; or one of `keywords`. May be given several times, unless it has keywords. */
    | ({ readonly kind: 'list'; readonly keywords?: readonly string[] } & Argument)
    /** Any text; may be given several times. In the environment: a list. */
    | ({ readonly kind: 'texts' } & Argument)
    /** Limits on a run's own figures; may be given several times. In the environment: a list. */
    | ({ readonly kind: 'gates' } & Argument)
    /** Paths; may be given several times. In the environment: one. */
    | ({ readonly kind: 'paths' } & Argument)
    /** Some of a few words, separated by commas; may be given several times. */
    | ({ readonly kind: 'choices'; readonly values: readonly string[] } & Argument)
    /** NAME=VALUE; may be given several times. In the environment: a list. */
    | ({ readonly kind: 'pairs' } & Argument)
    | ({ readonly kind: 'count'; readonly min: number; readonly max?: number } & Argument)
    | ({ readonly kind: 'size'; readonly maxBytes: number } & Argument)
    | ({ readonly kind: 'path' | 'place' | 'text' | 'sha256' | 'delimiter' | 'quote' | 'character' | 'limit' | 'share' | 'time' } & Argument)
    /** A time with its unit; with `bareMs` also a bare number, of milliseconds. */
    | ({ readonly kind: 'duration'; readonly maxMs: number; readonly bareMs?: boolean } & Argument)
  );

interface Values {
  readonly boolean: boolean;
  readonly texts: readonly string[];
  readonly gates: readonly Gate[];
  readonly paths: readonly string[];
  readonly pairs: Readonly<Record<string, string>>;
  readonly count: number;
  readonly path: string;
  /** A path, a URL of HTTP, or a keyword of the flag's own. */
  readonly place: string;
  readonly text: string;
  /** 64 hex digits, in lower case. */
  readonly sha256: string;
  readonly delimiter: string;
  readonly quote: string;
  readonly character: string;
  readonly limit: Limit;
  readonly share: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly time: TimePoint;
}

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;

/** The type of a flag's value. */
type ValueOf<F> = F extends { readonly kind: 'choice'; readonly values: readonly (infer V)[] }
  ? V
  : F extends { readonly kind: 'choices'; readonly values: readonly (infer V)[] }
    ? readonly V[]
    : F extends { readonly kind: 'list'; readonly keywords: readonly (infer K)[] }
      ? K | readonly string[]
      : F extends { readonly kind: 'list' }
        ? readonly string[]
        : F extends { readonly kind: infer K extends keyof Values }
          ? Values[K]
          : never;

/** The values of a table of flags by key; what was not given is absent. */
export type SettingsOf<Table extends readonly Flag[]> = {
  readonly [F in Table[number] as Camel<F['name']>]?: ValueOf<F>;
};

/** `max-rejects` -> `maxRejects`: the key of a flag in settings and in job files. */
export function keyOf(flag: { readonly name: string }): string {
  return flag.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `max-rejects` -> `SCORELINE_MAX_REJECTS`. */
export function variableOf(flag: { readonly name: string }): string {
  return `SCORELINE_${flag.name.replaceAll('-', '_').toUpperCase()}`;
}

/** What stands for the flag's argument in help; undefined for flags without one. */
export function argumentOf(flag: Flag): string | undefined {
  if (flag.kind === 'boolean') return undefined;
  return flag.kind === 'choice' ? flag.values.join('|') : flag.arg;
}

/** `-m, --model PATH`, as help and manual write it. */
export function usageOf(flag: Flag): string {
  const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
  const argument = argumentOf(flag);
  return argument === undefined ? names : `${names} ${argument}`;
}

/** May the flag be given more than once? If not, the last one holds. */
export function isRepeatable(flag: Flag): boolean {
  return ['texts', 'gates', 'pairs', 'paths', 'choices'].includes(flag.kind) || (flag.kind === 'list' && flag.keywords === undefined);
}
