import { UsageError } from '../errors/errors.js';
import { didYouMean, nearMisses } from '../errors/nearest.js';
import { FALLBACK_CAUSES, type FallbackCause, type ScoreOptions } from './options.js';

interface Shape {
  readonly fits: (value: unknown) => boolean;
  readonly expected: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[method] === 'function';

const text: Shape = { fits: (value) => typeof value === 'string' && value !== '', expected: 'a text' };
const anyText: Shape = { fits: (value) => typeof value === 'string', expected: 'a text' };
const number: Shape = { fits: (value) => typeof value === 'number', expected: 'a number' };
const flag: Shape = { fits: (value) => typeof value === 'boolean', expected: 'true or false' };
const texts: Shape = { fits: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'), expected: 'a list of texts' };
const textsByName: Shape = {
  fits: (value) => isRecord(value) && Object.values(value).every((item) => typeof item === 'string'),
  expected: 'an object of texts',
};
const callback: Shape = { fits: (value) => typeof value === 'function', expected: 'a function' };
const oneOf = (...choices: string[]): Shape => ({
  fits: (value) => choices.includes(value as string),
  expected: choices.map((choice) => `'${choice}'`).join(', '),
});
const either = (one: Shape, other: Shape): Shape => ({
  fits: (value) => one.fits(value) || other.fits(value),
  expected: `${one.expected} or ${other.expected}`,
});

const isFallback = (value: unknown): boolean => {
  if (!isRecord(value) || !text.fits(value['model'])) return false;
  const { on } = value;
  return on === undefined || (Array.isArray(on) && on.length > 0 && on.every((cause) => FALLBACK_CAUSES.includes(cause as FallbackCause)));
};

const SHAPES: { readonly [K in keyof Required<ScoreOptions>]: Shape } = {
  model: { ...text, expected: 'the path of an ONNX file' },
  input: either({ ...text, expected: 'a path' }, { fits: (value) => has(value, 'read') && has(value, 'pipe'), expected: 'a Readable stream' }),
  maxModelBytes: number,
  inputFormat: oneOf('csv', 'arrow', 'arrows'),
  output: either({ ...text, expected: 'a path' }, { fits: (value) => has(value, 'write') && has(value, 'end'), expected: 'a Writable stream' }),
  outputFormat: oneOf('csv', 'arrow', 'arrows'),
  csv: { fits: isRecord, expected: 'an object' },
  compression: oneOf('none', 'lz4', 'zstd'),
  nullValues: texts,
  outputDelimiter: text,
  fallback: { fits: isFallback, expected: `{ model: PATH, on: [${FALLBACK_CAUSES.join(', ')}] }` },
  scoredBy: text,
  insteadOf: textsByName,
  features: texts,
  bind: textsByName,
  keep: either(oneOf('ids', 'unused', 'all', 'none'), texts),
  prefix: anyText,
  label: oneOf('model', 'argmax', 'threshold'),
  threshold: number,
  positiveClass: anyText,
  contract: { ...text, expected: "the path of a contract, or 'none'" },
  maxRejects: {
    fits: (value) => isRecord(value) && ((value['kind'] === 'rows' && typeof value['rows'] === 'number') || (value['kind'] === 'share' && typeof value['share'] === 'number')),
    expected: "{ kind: 'rows', rows: N } or { kind: 'share', share: 0 to 1 }",
  },
  rejects: text,
  followLinks: flag,
  rejectedRows: oneOf('drop', 'blank'),
  limit: number,
  expectRows: number,
  allowEmpty: flag,
  noClobber: flag,
  batchRows: number,
  chunkBytes: number,
  flushMs: number,
  workers: number,
  threads: number,
  stringCodes: oneOf('auto', 'always', 'never'),
  journal: either(text, { fits: (value) => value === false, expected: 'false' }),
  stateDir: text,
  skipIfPublished: flag,
  ledger: { fits: (value) => isRecord(value) && text.fits(value['path']) && isRecord(value['entry']), expected: '{ path, entry }' },
  resume: oneOf('auto', 'never'),
  checkpointEveryMs: number,
  profile: oneOf('auto', 'always', 'never'),
  gates: { fits: (value) => Array.isArray(value) && value.every((gate) => isRecord(gate) && text.fits(gate['name']) && text.fits(gate['level'])), expected: 'a list of gates, as parseGate gives them' },
  onUnseen: oneOf('allow', 'missing', 'reject'),
  journalValues: oneOf('plain', 'hashed', 'none'),
  lockWaitMs: number,
  spoolStdout: flag,
  expectSha256: { fits: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value), expected: 'the 64 hex digits of a sha256' },
  labels: textsByName,
  signal: { fits: (value) => value instanceof AbortSignal, expected: 'an AbortSignal' },
  onProgress: callback,
  onWarning: callback,
  onEvent: callback,
}; // prettier-ignore

const NEEDED = ['model', 'input', 'output'] as const;

/**
 * Programs in JavaScript have no compiler to tell them that an option is misspelt or of another type. A limit of another shape, above all, would be no limit.
 *
 * @throws UsageError `bad-option`, `unknown-option`.
 */
export function checkShapes(options: unknown): asserts options is ScoreOptions {
  if (!isRecord(options)) throw bad('options', options, 'an object of options');
  for (const name of NEEDED) if (options[name] === undefined) throw bad(name, undefined, SHAPES[name].expected);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(SHAPES, name)) {
      throw new UsageError('unknown-option', `there is no option ${name}${didYouMean(nearMisses(name, Object.keys(SHAPES)))}`, {
        details: { option: name },
        fix: 'The types of the package say which options there are.',
      });
    }
    const shape = SHAPES[name as keyof ScoreOptions];
    if (value !== undefined && !shape.fits(value)) throw bad(name, value, shape.expected);
  }
}

function bad(name: string, value: unknown, expected: string): UsageError {
  const found = describe(value);
  return new UsageError('bad-option', `option ${name}: found ${found}, expected ${expected}`, {
    details: { option: name, expected },
    fix: 'The types of the package say what each option takes.',
  });
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return value === null ? 'null' : 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`.replace('a object', 'an object');
}
