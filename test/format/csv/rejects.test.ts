import { expect, test } from 'vitest';
import type { RowReject } from '#src/batch/reject.js';
import { encodeRejects, rejectsHeader } from '#src/format/csv/rejects.js';
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
