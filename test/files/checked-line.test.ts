import { expect, test } from 'vitest';
import { decodeCheckedLine, encodeCheckedLine } from '#src/files/checked-line.js';

const line = encodeCheckedLine([
  ['kind', 'prepared'],
  ['text', 'a\nb "c" \u2028'],
  ['figure', NaN],
  ['nothing', undefined],
]);

test('a line comes back as it was written, on one line', () => {
  expect(line.indexOf(0x0a)).toBe(line.length - 1);
  expect(decodeCheckedLine(line.toString().trimEnd())).toEqual({ kind: 'prepared', text: 'a\nb "c" \u2028', figure: 'NaN' });
});

test('a line that lost or changed a byte is none', () => {
  const text = line.toString().trimEnd();
  for (let at = 0; at < text.length; at++) {
    expect(decodeCheckedLine(text.slice(0, at))).toBeUndefined();
    expect(decodeCheckedLine(`${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`)).toBeUndefined();
  }
});

test.each([[''], ['{}'], ['null'], ['{"sum":"00000000000000000000000000000000"}']])('%j is none', (text) => {
  expect(decodeCheckedLine(text)).toBeUndefined();
});
