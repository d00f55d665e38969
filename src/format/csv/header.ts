import { isUtf8 } from 'node:buffer';
import { InputError, UsageError } from '../../errors/errors.js';
import { openCellReader } from './cells.js';
import type { RecordScanner } from './scan.js';
import type { CsvDialect } from './setup.js';

const CANDIDATES = [',', ';', '\t', '|'];

/** The column names of the header record that the scanner has just read. Throws InputError (`bad-header`) where it is not well-formed. */
export function readHeader(bytes: Uint8Array, scanner: RecordScanner, dialect: CsvDialect, file: string): string[] {
  const { start, end, fault, fields } = scanner;
  if (fault !== undefined) throw badHeader(file, HEADER_FAULTS[fault]);
  if (!isUtf8(bytes.subarray(start, end))) throw badHeader(file, 'bytes that are not UTF-8');
  return [...(openCellReader(dialect, fields)(bytes, start, end, 1)[0] ?? [])];
}

const HEADER_FAULTS = {
  'bad-quote': 'a quote inside an unquoted name, or text behind a closing quote',
  'unclosed-quote': 'a quote that is not closed',
  'record-too-long': 'a header longer than the record limit',
};

/** Refuses a header with empty or repeated names: columns bind by name. Throws InputError (`empty-column-name`, `duplicate-column`). */
export function checkHeader(names: readonly string[], file: string): void {
  const empty = names.indexOf('');
  if (empty >= 0) {
    throw new InputError('empty-column-name', `found no name for column ${empty + 1} of ${names.length} in the header, expected one for each`, {
      place: { file, line: 1 },
      fix:
        names.length > 1 && empty === names.length - 1
          ? 'Remove the delimiter at the end of the header, or name the column.'
          : 'Name the column (pandas: to_csv(index=False), or index_label="row").',
      details: { position: empty + 1 },
    });
  }
  const twice = firstRepeated(names);
  if (twice === undefined) return;
  const [name, first, second] = twice;
  throw new InputError(
    'duplicate-column',
    `found the column name ${JSON.stringify(name)} at positions ${first} and ${second} of the header, expected every name once`,
    {
      place: { file, line: 1, column: name },
      fix: 'Rename or remove one of the two.',
      details: { name, positions: [first, second] },
    },
  );
}

/** Checks the names given for a file without header. Throws UsageError (`csv-columns`). */
export function checkGivenColumns(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) {
    throw new UsageError('csv-columns', 'found no column names for a file without header', {
      fix: 'Name its columns in order: --no-header --columns a,b,c.',
    });
  }
  const empty = names.indexOf('');
  if (empty >= 0)
    throw new UsageError('csv-columns', `found an empty name at position ${empty + 1} of --columns, expected a name for each column`, {
      fix: 'Give every column a name.',
    });
  const twice = firstRepeated(names);
  if (twice === undefined) return names;
  const [name, first, second] = twice;
  throw new UsageError('csv-columns', `found ${JSON.stringify(name)} at positions ${first} and ${second} of --columns, expected every name once`, {
    fix: 'Rename one of the two.',
  });
}

/**
 * The delimiter by which a header would give more columns than it did, undefined where it would not. For the message about a missing column; nothing
 * is read by it unasked.
 */
export function suggestDelimiter(names: readonly string[], delimiter: string): string | undefined {
  let best: string | undefined;
  let most = names.length;
  for (const candidate of CANDIDATES) {
    if (candidate === delimiter) continue;
    const count = names.reduce((sum, name) => sum + name.split(candidate).length, 0) - (names.length - 1);
    if (count <= most) continue;
    most = count;
    best = candidate;
  }
  return best;
}

function firstRepeated(names: readonly string[]): [name: string, first: number, second: number] | undefined {
  const seen = new Map<string, number>();
  for (const [at, name] of names.entries()) {
    const first = seen.get(name);
    if (first !== undefined) return [name, first + 1, at + 1];
    seen.set(name, at);
  }
  return undefined;
}

function badHeader(file: string, found: string): InputError {
  return new InputError('bad-header', `found ${found}, expected a header of column names`, {
    place: { file, line: 1 },
    fix: 'Check the first line; for a file without header use --no-header --columns a,b,c; for another quote --quote.',
  });
}
