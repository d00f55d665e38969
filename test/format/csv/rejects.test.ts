import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RowReject } from '#src/batch/reject.js';
import { encodeRejects, REJECT_COLUMNS, rejectsHeader } from '#src/format/csv/rejects.js';
import { readCsv } from './harness.js';

const REJECT: RowReject = {
  row: 3,
  line: 4,
  byte: 17,
  code: 'not-a-number',
  column: 'a,b',
  message: 'found text',
  value: ' "x"',
  record: '1," ""x""\r\n"',
};

test('a reject is one record, whatever it holds', async () => {
  const bytes = Buffer.concat([rejectsHeader(), encodeRejects([REJECT, { ...REJECT, line: null, column: null, value: null, record: '{"a":1}' }])]);
  const { names, records } = await readCsv(bytes);
  expect(names).toEqual(['row', 'line', 'byte', 'code', 'column', 'message', 'value', 'record']);
  expect(records.map(({ cells }) => cells)).toEqual([
    ['3', '4', '17', 'not-a-number', 'a,b', 'found text', ' "x"', '1," ""x""\r\n"'],
    ['3', '', '17', 'not-a-number', '', 'found text', '', '{"a":1}'],
  ]);
  expect(bytes.at(-1)).toBe(10);
});

test('no rejects are no bytes', () => {
  expect(encodeRejects([])).toHaveLength(0);
});

test('rejects are written as csv-stringify writes them, to the byte', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '7', ',', '"', '\n', '\r', ' ', '\t', '\uFEFF', 'é', '\u{1F600}'), maxLength: 6 });
  const reject = fc.record({
    row: fc.nat(),
    line: fc.option(fc.nat()),
    byte: fc.maxSafeNat(),
    code: fc.constant<RowReject['code']>('ragged-row'),
    column: fc.option(text),
    message: text,
    value: fc.option(text),
    record: text,
  });
  const options = { quoted_match: [/^[ \t\uFEFF]|[ \t]$/], record_delimiter: '\n', quote_record_delimiter: true, eof: true };
  fc.assert(
    fc.property(fc.array(reject), (rejects) => {
      const rows = rejects.map((each) => REJECT_COLUMNS.map((column) => each[column]));
      expect(Buffer.from(encodeRejects(rejects)).toString()).toBe(stringify(rows, options));
    }),
    { numRuns: 2000 },
  );
});
