import { ContractError, InputError } from '../errors/errors.js';
import type { BindRequest } from './bind.js';
import { orderName, type OrderSource } from './feature-order.js';
import { quoted } from './read-file.js';
import type { TensorSpec } from './signature.js';
import { nearMisses } from '../errors/nearest.js';

/** A column that is wanted and not there, and who wants it: an order, a binding, or the input's own name. */
export interface Missing {
  readonly column: string;
  readonly input: string;
  readonly by: OrderSource | 'name';
}

/** How many names a message lists. */
const LISTED = 10;
/** For how many missing columns names are looked up that come near: each is compared with every column. */
const LOOKED_UP = 200;

/** One error for every column that the model reads and the source does not have, with the names that come near. */
export function missingColumns(missing: readonly Missing[], request: BindRequest): InputError {
  const { columns, source } = request;
  const found = missing.map((entry, index) => ({ ...entry, near: index < LOOKED_UP ? nearMisses(entry.column, columns) : [] }));
  const listed = found.slice(0, LISTED).map(({ column, near }) => quoted(column) + (near.length === 0 ? '' : ` (near: ${near.map(quoted).join(', ')})`)); // prettier-ignore
  const more = found.length > LISTED ? ` and ${found.length - LISTED} more` : '';
  const by = [...new Set(missing.map((entry) => entry.by))].map((entry) => (entry === 'name' ? 'the names of the model\'s inputs' : orderName(entry, request.contract?.path))); // prettier-ignore
  const renamed = found.filter((entry) => entry.by === 'name' && entry.near.length > 0);
  const unnamed = found.find((entry) => entry.by === 'name');
  // names are not listed unasked: the first line of a file without header is data
  const there = "-v lists the input's columns.";
  const fix = looksLikeData(columns)
    ? `The first line looks like data, not like a header: --no-header --columns NAMES. ${there}`
    : renamed.length > 0
      ? `If these are the same columns: ${renamed.map(({ input, near }) => `--bind ${shellQuoted(`${input}=${near[0] ?? ''}`)}`).join(' ')}`
      : unnamed !== undefined
        ? `If a column is only called otherwise: --bind ${shellQuoted(`${unnamed.input}=COLUMN`)}. If the first line is no header: --no-header --columns NAMES. ${there}`
        : `Check the header. ${there}`;
  return new InputError(
    'missing-column',
    `${missing.length === 1 ? 'a column is' : `${missing.length} columns are`} missing from the input: ${listed.join(', ')}${more}; expected by ${by.join(' and ')}`,
    {
      ...(source === undefined ? {} : { place: { file: source } }),
      fix,
      details: { missing: found.map(({ column, input, near }) => ({ column, input, near })), columns: columns.slice(0, 10_000) },
    },
  );
}

/** Hardly any table calls half of its columns by numbers. */
export function looksLikeData(columns: readonly string[]): boolean {
  return columns.filter((name) => name.trim() !== '' && Number.isFinite(Number(name))).length * 2 >= Math.max(columns.length, 2);
}

/** Nobody gave the order of a matrix's columns: says how to give it, ready to paste where the source's columns fit in number. */
export function missingOrder(request: BindRequest, matrices: readonly TensorSpec[]): ContractError {
  const { columns, contract } = request;
  const own = new Set([...(contract?.ids ?? []), ...request.signature.inputs.filter((input) => !matrices.includes(input)).map(({ name }) => name)]);
  const free = columns.filter((name) => !own.has(name));
  const widths = matrices.map(({ shape }) => shape?.[1]);
  const wanted = widths.every((width) => typeof width === 'number') ? widths.reduce<number>((sum, width) => sum + width, 0) : undefined;
  const fitting = columns.length === wanted ? columns : free.length === wanted ? free : undefined;
  const names = matrices.map(({ name }) => quoted(name)).join(', ');
  const fix =
    fitting === undefined
      ? `Give the training data's columns in their order: --features ${listFlag(columns.slice(0, 3))},… (${wanted === undefined ? 'as many as the model takes' : `${wanted} of the input's ${columns.length} columns`}; names that hold a comma go in a file: --features @FILE; -v lists them)`
      : `If the training data had this order: --features ${listFlag(fitting)}`;
  return new ContractError(
    'no-feature-order',
    `input ${names} takes ${wanted ?? 'several'} values a row and nothing says in which order: found no --features, no features in a contract, no feature_names in the model`,
    {
      fix,
      details: { expected: wanted ?? null, columns: columns.slice(0, 10_000), ...(fitting === undefined ? {} : { features: fitting }) },
    },
  );
}

function listFlag(names: readonly string[]): string {
  return names.some((name) => name.includes(',') || name.includes('\n'))
    ? '@FILE (a file with one name a line: some hold a comma)'
    : shellQuoted(names.join(','));
}

/** A word that a POSIX shell takes as it stands, quoted only where it must be. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
