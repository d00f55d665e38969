import { InputError } from '../../errors/errors.js';
import { suggestDelimiter } from '../../format/csv/header.js';
import type { ScoreOptions } from '../../run/options.js';
import type { FirstRows } from './first-rows.js';
import type { PlannedFirst } from './plan-first.js';

/** Another way to read an input that has none of the columns by the one that was asked for. */
export interface OtherReading {
  readonly options: ScoreOptions;
  /** What is wrong with the way that was asked for. */
  readonly text: string;
  readonly fix: string;
}

/** How far behind its first line a header is looked for. */
const MOST_LINES = 50;
const LOOK_BYTES = 1 << 16;

/** Would the header be found at another delimiter, or behind a preamble? Undefined where neither is likely: so many columns then would have to be there by their names. */
export function otherReading(options: ScoreOptions, first: FirstRows, { failure, layout, match }: PlannedFirst): OtherReading | undefined {
  const { decoder, schema } = first;
  const wanted = [...new Set(layout?.fields.map(({ name }) => name))];
  if (!(failure instanceof InputError) || decoder.format !== 'csv' || options.csv?.header === false) return undefined;
  if (match.absent.length === 0 || match.absent.length < wanted.length) return undefined;
  const names = schema.columns.map(({ name }) => name);
  const delimiter = suggestDelimiter(names, decoder.dialect.delimiter);
  const others = delimiter === undefined ? [] : names.join(decoder.dialect.delimiter).split(delimiter);
  if (delimiter !== undefined && others.some((name) => wanted.includes(name.replaceAll('"', '').trim()))) {
    const shown = delimiter === '\t' ? 'tabs' : JSON.stringify(delimiter);
    const fix = `Give --delimiter ${delimiter === '\t' ? 'tab' : `'${delimiter}'`}; what follows was read so.`;
    return { options: { ...options, csv: { ...options.csv, delimiter } }, text: `the header does not split at ${JSON.stringify(decoder.dialect.delimiter)}, and would at ${shown}`, fix };
  }
  const skipLines = linesBefore(first, wanted);
  if (skipLines === undefined) return undefined;
  const fix = `Give --skip-lines ${skipLines}; what follows was read so.`;
  return { options: { ...options, csv: { ...options.csv, skipLines } }, text: `the header is not the first line: line ${skipLines + 1} has the names of columns`, fix };
} // prettier-ignore

/** How many lines stand before one that has most of the names; undefined where none has. */
function linesBefore({ chunk, headLines, decoder }: FirstRows, wanted: readonly string[]): number | undefined {
  if (chunk === undefined || decoder.format !== 'csv') return undefined;
  const text = new TextDecoder().decode(chunk.bytes.subarray(0, LOOK_BYTES));
  const { delimiter, quote } = decoder.dialect;
  const plain = (cell: string): string => (quote === '' ? cell : cell.replaceAll(quote, '')).trim();
  const at = text.split(/\r\n|\n|\r/, MOST_LINES).findIndex((line) => {
    const cells = new Set(line.split(delimiter).map(plain));
    return wanted.filter((name) => cells.has(name)).length * 2 > wanted.length;
  });
  return at < 0 ? undefined : headLines + at;
}
