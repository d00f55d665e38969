import type { ScoreOptions } from '../../run/options.js';
import { ok, warning, type Finding } from './finding.js';
import type { FirstRows } from './first-rows.js';
import type { PlannedFirst } from './plan-first.js';
import type { Survey } from './survey.js';
import { bytesText, pathText, plural } from './texts.js';

/** What the input is, and how much of it was read. */
export function inputFinding({ input }: ScoreOptions, { format, schema, inputBytes, chunk, end }: FirstRows): Finding {
  const name = nameOf(input);
  const size = inputBytes === undefined ? 'a pipe' : bytesText(inputBytes);
  const details = { path: name, format, columns: schema.columns.length, bytes: inputBytes ?? null, bytesRead: chunk?.bytes.length ?? 0, end };
  const columns = plural(schema.columns.length, 'column');
  if (chunk === undefined && end !== 'end') {
    const why = end === 'time' ? 'no whole row within the time of a check' : 'no whole record batch within its first 16 MB';
    return warning('input', 'no-rows-yet', `${pathText(name)}: ${format}, ${columns}; ${why}: values were not tried`, { details });
  }
  return ok('input', `${pathText(name)}: ${format}, ${columns}, ${size}`, { details });
}

export function silentFinding({ input }: ScoreOptions): Finding {
  return warning('input', 'no-rows-yet', `${nameOf(input)} gave no header within the time of a check: columns and values were not tried`, {
    fix: 'Try a file with its first rows, or check the program that writes into the pipe.',
  });
}

function nameOf(input: ScoreOptions['input']): string {
  if (typeof input !== 'string') return 'stream';
  return input === '-' ? 'stdin' : input;
}

/** About so many rows are in an input that was not read whole, by its size and the length of the first ones; undefined where that cannot be told. */
export function rowsIn({ inputBytes, decoder, chunk }: FirstRows, survey: Survey | undefined): number | undefined {
  if (survey === undefined || survey.rows === 0 || survey.isWhole) return undefined;
  if (inputBytes === undefined || decoder.format !== 'csv' || chunk === undefined) return undefined;
  return Math.round((inputBytes - chunk.offset) / survey.rowBytes);
}

/** Share of the cells' bytes in the first rows that are of columns neither read nor kept; undefined for Arrow. */
export async function idleShare({ decoder, chunk, schema }: FirstRows, { plan }: PlannedFirst): Promise<number | undefined> {
  if (plan === undefined || chunk === undefined || decoder.format !== 'csv') return undefined;
  const used = new Set([...plan.layout.fields, ...plan.layout.kept].map(({ column }) => column));
  if (used.size === schema.columns.length) return 0;
  const { csvColumnBytes } = await import('../../format/csv/column-bytes.js');
  const bytes = csvColumnBytes(chunk.bytes, decoder);
  const all = bytes.reduce((sum, each) => sum + each, 0);
  return all === 0 ? 0 : bytes.reduce((sum, each, column) => sum + (used.has(column) ? 0 : each), 0) / all;
}
