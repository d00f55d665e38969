import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastCut } from '#src/format/csv/cut.js';
import { RecordScanner } from '#src/format/csv/scan.js';
import type { CsvDialect } from '#src/format/csv/setup.js';
import { bytesOf, COMMA } from './harness.js';

const scannerOf = (dialect: CsvDialect, recordLimitBytes = 1 << 20) =>
  new RecordScanner({ dialect, recordLimitBytes, blankRecords: false, ranges: false });

/** The grammar itself, record by record from the start: every position behind a record or a blank line. */
function endsByScan(bytes: Uint8Array, dialect: CsvDialect, recordLimitBytes: number): readonly number[] {
  const scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: true, ranges: false });
  const ends = [0];
  while (scanner.scan(bytes, ends.at(-1) as number, bytes.length, false) === 'record') ends.push(scanner.next);
  return ends;
}

/** The cut is such an end, and the last of them, but for records that end in a lone CR. */
function expectRight(bytes: Uint8Array, dialect: CsvDialect, recordLimitBytes: number): void {
  const ends = endsByScan(bytes, dialect, recordLimitBytes);
  const at = cut(bytes, dialect, recordLimitBytes);
  expect(ends).toContain(at);
  expect(at).toBeGreaterThanOrEqual(ends.findLast((end) => bytes[end - 1] === 10) ?? 0);
  if (ends.length > 1) expect(at).toBeGreaterThan(0);
}

const cut = (bytes: Uint8Array, dialect: CsvDialect, limit?: number) => lastCut(bytes, bytes.length, dialect, scannerOf(dialect, limit));

const dialects: readonly CsvDialect[] = [COMMA, { delimiter: ';', quote: "'", escape: '\\' }];

describe('a piece is cut where the grammar ends a record, as late as can be', () => {
  const soup = fc.array(fc.constantFrom('Q', 'QQ', 'D', 'E', '\n', '\r', '\r\n', 'a', 'bc', 'DQ', 'QD', 'QaQ', 'Q\nQ', 'QaEQbQD', 'x'.repeat(300)), {
    maxLength: 60,
  });
  const write = (parts: readonly string[], { delimiter, quote, escape }: CsvDialect) =>
    bytesOf(parts.join('').replaceAll('Q', quote).replaceAll('D', delimiter).replaceAll('E', escape));

  test('byte soup, with and without an escape character, any record limit', () => {
    fc.assert(
      fc.property(soup, fc.constantFrom(...dialects), fc.constantFrom(5, 20, 400, 1 << 20), (parts, dialect, limit) => {
        const bytes = write(parts, dialect);
        expectRight(bytes, dialect, limit);
      }),
      { numRuns: 5000 },
    );
  });

  test('rows that are nearly right: quoted fields of any text, now and then one at fault', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '\n', '\r\n', '""', ' ', ''), maxLength: 6 });
    const field = fc.oneof(
      { weight: 6, arbitrary: text.map((inner) => `"${inner}"`) },
      { weight: 4, arbitrary: fc.constantFrom('1.5', '', 'abc') },
      { weight: 1, arbitrary: fc.constantFrom('a"b', '"open', '"x"y', '"') },
    );
    const row = fc.array(field, { minLength: 1, maxLength: 4 }).map((fields) => fields.join(','));
    const table = fc.array(row, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), fc.nat(), fc.constantFrom(12, 1 << 20), (rows, end, drop, limit) => {
        const whole = bytesOf(rows.map((line) => line + end).join(''));
        const bytes = whole.subarray(0, whole.length - (drop % whole.length));
        expectRight(bytes, COMMA, limit);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a piece with quotes is read near its end only', () => {
  test.each([
    ['every field in quotes', (row: number) => `"${row}","a, b","1.5"\n`],
    ['CRLF', (row: number) => `"${row}","a, b","1.5"\r\n`],
    ['a text of several lines in each row', (row: number) => `${row},"He said ""no"".\nAnd so,\nhe left.",1.5\n`],
    ['empty fields in quotes', (row: number) => `"","","${row}"\n`],
    ['a quote in one row of many', (row: number) => (row % 1000 === 0 ? `${row},"a, b",1.5\n` : `${row},c,1.5\n`)],
    ['stray quotes', (row: number) => `${row},a"b,"c"d,1.5\n`],
  ])('%s', (_, write) => {
    const bytes = bytesOf(Array.from({ length: 10_000 }, (_row, row) => write(row)).join('') + '7,"half');
    const scanner = scannerOf(COMMA);
    let scans = 0;
    const counting = new Proxy(scanner, {
      get(target, name) {
        if (name === 'scan') scans++;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    expect(lastCut(bytes, bytes.length, COMMA, counting)).toBe(bytes.length - '7,"half'.length);
    expect(scans).toBeLessThan(10);
  });
});
