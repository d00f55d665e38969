import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordScanner } from '#src/format/csv/scan.js';
import { bytesOf, COMMA } from './harness.js';

interface Seen {
  raw: string;
  fields: string[] | string;
  lines: number;
}

function scanAll(text: string, { limit = 1 << 20, blankRecords = false, dialect = COMMA } = {}): { records: Seen[]; blanks: number; lines: number } {
  const bytes = bytesOf(text);
  const scanner = new RecordScanner({ dialect, recordLimitBytes: limit, blankRecords, ranges: true });
  const part = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString();
  const records: Seen[] = [];
  let blanks = 0;
  let lines = 0;
  for (let at = 0; ; at = scanner.next) {
    const scanned = scanner.scan(bytes, at, bytes.length, true);
    blanks += scanner.blankLines;
    lines += scanner.blankLines;
    if (scanned !== 'record') return { records, blanks, lines };
    const fields = scanner.fault ?? Array.from({ length: scanner.fields }, (_, at) => part(scanner.from[at]!, scanner.to[at]!));
    records.push({ raw: part(scanner.start, scanner.end), fields, lines: scanner.lines });
    lines += scanner.lines;
  }
}

const fieldsOf = (text: string, options = {}) => scanAll(text, options).records.map(({ fields }) => fields);

describe('records and fields', () => {
  test.each([
    ['plain', 'a,b\n1,2\n', [['a', 'b'], ['1', '2']]], // prettier-ignore
    ['no last line end', 'a,b', [['a', 'b']]],
    ['empty fields', ',\n,,\n', [['', ''], ['', '', '']]], // prettier-ignore
    ['LF, CRLF and CR mixed', 'a\nb\r\nc\rd\r\n', [['a'], ['b'], ['c'], ['d']]],
    ['quoted delimiter and line ends', '"a,b","c\r\nd\re\nf"\n1,2\n', [['"a,b"', '"c\r\nd\re\nf"'], ['1', '2']]], // prettier-ignore
    ['doubled quotes', '"a""b",""""\n', [['"a""b"', '""""']]],
    ['empty quoted field', '"",x\n', [['""', 'x']]],
    ['blanks belong to the field', ' a , b\n', [[' a ', ' b']]],
    ['blank lines are skipped', '\n\r\na\n\n\nb\n\n', [['a'], ['b']]],
    ['a line of spaces is no blank line', '  \na\n', [['  '], ['a']]],
    ['other line separators are text', 'a\u2028b\vc\fd\n', [['a\u2028b\vc\fd']]],
    ['NUL is text', 'a\0b,c\n', [['a\0b', 'c']]],
  ])('%s', (_, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected);
  });

  test('a blank line is a record in a one-column file', () => {
    expect(fieldsOf('a\n\nb\n\r\n', { blankRecords: true })).toEqual([['a'], [''], ['b'], ['']]);
  });

  test('lines count CRLF once, within quotes too', () => {
    expect(scanAll('"a\r\nb\rc\nd",x\r\ny,z\r\n\r\n')).toMatchObject({ records: [{ lines: 4 }, { lines: 1 }], blanks: 1, lines: 6 });
  });

  test('a quote of its own, an escape of its own, none', () => {
    expect(fieldsOf("'a;b';\"c\n", { dialect: { delimiter: ';', quote: "'", escape: "'" } })).toEqual([["'a;b'", '"c']]);
    const escape = { delimiter: ',', quote: '"', escape: '\\' };
    expect(fieldsOf('"a\\"b,\\\\",c\\d\n', { dialect: escape })).toEqual([['"a\\"b,\\\\"', 'c\\d']]);
    expect(fieldsOf('"a\\"\nb"\n', { dialect: escape })).toEqual([['"a\\"\nb"']]);
    expect(fieldsOf('"a""b"\n', { dialect: escape })).toEqual(['bad-quote']);
    expect(fieldsOf('"a,b"c\n', { dialect: { delimiter: ',', quote: '', escape: '' } })).toEqual([['"a', 'b"c']]);
  });
});

describe('records that break the grammar end with their first line', () => {
  test.each([
    ['a quote inside an unquoted field', 'a"b,1\n2,3\n', ['bad-quote', ['2', '3']]],
    ['a quote behind a blank', ' "a",1\n2,3\n', ['bad-quote', ['2', '3']]],
    ['text behind a closing quote', '"a"b,1\n2,3\n', ['bad-quote', ['2', '3']]],
    ['a blank behind a closing quote', '"a" ,1\n2,3\n', ['bad-quote', ['2', '3']]],
    ['an unclosed quote', 'a,"b\n2,3\n4,5\n', ['unclosed-quote', ['2', '3'], ['4', '5']]],
    ['an unclosed quote in the last line', '1,2\na,"b', [['1', '2'], 'unclosed-quote']],
    ['a rule broken on a later line', '"a\nb"c,d\n2,3\n', ['unclosed-quote', 'bad-quote', ['2', '3']]],
    ['a lone quote', '"\n', ['unclosed-quote']],
  ])('%s', (_, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected);
  });

  test('the record limit is on the bytes before the line end', () => {
    expect(fieldsOf('aaaa\nb\n', { limit: 4 })).toEqual([['aaaa'], ['b']]);
    expect(fieldsOf('aaaaa\nb\n', { limit: 4 })).toEqual(['record-too-long', ['b']]);
    expect(fieldsOf('aaaa', { limit: 4 })).toEqual([['aaaa']]);
    expect(fieldsOf('aaaaa', { limit: 4 })).toEqual(['record-too-long']);
    expect(fieldsOf('"aa"\r\nb', { limit: 4 })).toEqual([['"aa"'], ['b']]);
    expect(fieldsOf('"aaa"\nb', { limit: 4 })).toEqual(['unclosed-quote', ['b']]);
    expect(fieldsOf('a,b,c\nb', { limit: 4 })).toEqual(['record-too-long', ['b']]);
    expect(fieldsOf('"a\n",bbbb\nc', { limit: 5 })).toEqual(['unclosed-quote', 'unclosed-quote', ['c']]);
  });
});

const soup = fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', 'a', '1', ' ', '\\'), maxLength: 60 });
const dialects = fc.constantFrom(COMMA, { delimiter: ',', quote: '"', escape: '\\' }, { delimiter: ' ', quote: '', escape: '' });

describe('byte soup', () => {
  test('every byte belongs to one record or line end, every line is counted', () => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 20 }), dialects, fc.boolean(), (text, limit, dialect, blankRecords) => {
        const { records, lines } = scanAll(text, { limit, dialect, blankRecords });
        expect(
          records
            .map(({ raw }) => raw)
            .join('')
            .replace(/[\r\n]/g, ''),
        ).toBe(text.replace(/[\r\n]/g, ''));
        const ends = text.match(/\r\n|\r|\n/g)?.length ?? 0;
        expect(lines).toBe(ends + (text === '' || /[\r\n]$/.test(text) ? 0 : 1));
      }),
    );
  });

  test('fields joined by the delimiter are the record', () => {
    fc.assert(
      fc.property(soup, dialects, (text, dialect) => {
        const { records } = scanAll(text, { dialect });
        for (const { raw, fields } of records) expect(Array.isArray(fields) ? fields.join(dialect.delimiter) : raw).toBe(raw);
        expect(records.length).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('a prefix gives the same first record or asks for more', () => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 20 }), dialects, fc.boolean(), (text, limit, dialect, blankRecords) => {
        const bytes = bytesOf(text);
        const whole = new RecordScanner({ dialect, recordLimitBytes: limit, blankRecords, ranges: false });
        const cut = new RecordScanner({ dialect, recordLimitBytes: limit, blankRecords, ranges: false });
        const outcome = whole.scan(bytes, 0, bytes.length, true);
        for (let to = 0; to <= bytes.length; to++) {
          if (cut.scan(bytes, 0, to, false) !== 'record') continue;
          expect([outcome, cut.start, cut.end, cut.next, cut.fields, cut.fault, cut.lines]).toEqual([
            'record',
            whole.start,
            whole.end,
            whole.next,
            whole.fields,
            whole.fault,
            whole.lines,
          ]);
        }
        expect(outcome).not.toBe('more');
      }),
    );
  });
});
