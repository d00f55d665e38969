import { GATES, LEVELS, type Gate, type GateKind, type GateName, type Level, type Unit } from './gate.js';

/** What is wrong with the text of a gate, for whoever knows where it stands. */
export class GateSyntaxError extends Error {
  readonly candidates: readonly string[];

  constructor(message: string, candidates: readonly string[] = []) {
    super(message);
    this.candidates = candidates;
  }
}

/** `NAME<=LIMIT`, `NAME(COLUMN)>=LIMIT:LEVEL`; the column may hold anything but a closing bracket that is followed by `<=` or `>=`. */
const GATE = /^([a-z0-9-]+)(?:\((.+)\))?\s*(<=|>=)\s*([^:]+?)\s*(?::\s*([a-z]+))?$/;

/**
 * Reads a gate as it stands on the command line and in jobs: `psi<=0.25:withhold`, `missing(age)<=5%`, `rows>=1000:warn`. The level is `warn` where none is given.
 *
 * @throws GateSyntaxError
 */
export function parseGate(text: string): Gate {
  const [, name = '', column, sign, limit = '', level = 'warn'] = GATE.exec(text.trim()) ?? [];
  if (sign === undefined) throw new GateSyntaxError(`expected NAME<=LIMIT or NAME>=LIMIT, such as psi<=0.25:withhold, found ${JSON.stringify(text)}`);
  const value = parseLimit(limit, kindOf(name).unit);
  return makeGate({ name, column, level, ...(sign === '<=' ? { max: value } : { min: value }) });
}

/** A gate of its parts. @throws GateSyntaxError where they do not fit each other. */
export function makeGate(parts: {
  readonly name: string;
  readonly column?: string | undefined;
  readonly min?: number;
  readonly max?: number;
  readonly level: string;
}): Gate {
  const { name, column, min, max, level } = parts;
  const kind = kindOf(name);
  if (!isLevel(level)) throw new GateSyntaxError(`expected one of ${LEVELS.join(', ')} behind the colon, found ${JSON.stringify(level)}`, LEVELS);
  if (kind.column === 'must' && column === undefined) throw new GateSyntaxError(`the gate ${name} needs a column: ${name}(COLUMN)`);
  if (kind.column === 'none' && column !== undefined) throw new GateSyntaxError(`the gate ${name} looks at the whole run: leave (${column}) out`);
  if (min === undefined && max === undefined) throw new GateSyntaxError(`the gate ${name} has no limit: give a least or a greatest value`);
  if (min !== undefined && max !== undefined && min > max)
    throw new GateSyntaxError(`nothing can pass the gate ${name}: at least ${min} and at most ${max}`);
  for (const limit of [min, max]) {
    const expected = limit === undefined ? undefined : BOUNDS[kind.unit](limit);
    if (expected !== undefined) throw new GateSyntaxError(`the limit of the gate ${name} is ${expected}, found ${limit}`);
  }
  return { name: name as GateName, column, min, max, level };
}

const notNegative = (limit: number): string | undefined => (limit >= 0 ? undefined : 'at least 0');

/** What a limit has to be, where it is not: beyond that a gate always holds, or never. */
const BOUNDS: Readonly<Record<Unit, (limit: number) => string | undefined>> = {
  share: (limit) => (limit >= 0 && limit <= 1 ? undefined : 'a share, 0 … 1 or 0% … 100%'),
  rows: (limit) => (limit >= 0 && Number.isInteger(limit) ? undefined : 'a whole number of rows'),
  seconds: notNegative,
  bytes: notNegative,
  days: notNegative,
  distance: notNegative,
  number: () => undefined,
};

function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}

function kindOf(name: string): GateKind {
  if (Object.hasOwn(GATES, name)) return GATES[name as GateName];
  throw new GateSyntaxError(`there is no gate ${JSON.stringify(name)}; gates are ${Object.keys(GATES).join(', ')}`, Object.keys(GATES));
}

const SCALES: Readonly<Partial<Record<Unit, Readonly<Record<string, number>>>>> = {
  share: { '%': 0.01 },
  seconds: { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 },
  days: { d: 1, w: 7 },
  bytes: { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 },
};

/** A limit in its unit: `5%` or `0.05`, `20m`, `800MB`, `30d`, `-0.5`. @throws GateSyntaxError */
export function parseLimit(text: string, unit: Unit): number {
  const [, digits = '', suffix = ''] = /^(-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*([a-z%]*)$/i.exec(text) ?? [];
  const scale = suffix === '' ? 1 : SCALES[unit]?.[suffix.toLowerCase()];
  if (digits === '' || scale === undefined) {
    const suffixes = Object.keys(SCALES[unit] ?? {});
    throw new GateSyntaxError(
      `expected a number${suffixes.length === 0 ? '' : `, perhaps with one of ${suffixes.join(', ')} behind it`}, found ${JSON.stringify(text)}`,
    );
  }
  // 5% is 0.05, not 0.05 and a bit
  return suffix === '%' ? Number(`${digits}e-2`) : Number(digits) * scale;
}
