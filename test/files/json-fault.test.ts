import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRepeatedKeys, jsonFault } from '#src/files/json-fault.js';

describe('what keeps a text from being JSON is told with its line and character', () => {
  test.each<[string, string, string, number, number]>([
    ['nothing', ' \n', 'it is empty', 1, 1],
    ['a comma too many', '{\n  "a": 1,\n}', 'expected a key in double quotes, found "}"', 3, 1],
    ['a comma too few', '{\n  "a": 1\n  "b": 2\n}', 'expected "," or "}", found "\\""', 3, 3],
    ['a word', '{"a": yes}', 'expected a value, found "yes"', 1, 7],
    ['a number with a leading zero', '[01]', 'expected "," or "]", found "1"', 1, 3],
    ['a key without quotes', '{a: 1}', 'expected a key in double quotes, found "a"', 1, 2],
    ['no colon', '{"a" 1}', 'expected ":" after the key "a", found "1"', 1, 6],
    ['a bracket that is not closed', '{"a":\n [1, 2', 'the [ here is not closed', 2, 2],
    ['a text that is not closed', '{"a": "b}', 'a text is not closed on its line', 1, 7],
    ['a text with a stray backslash', '["\\q"]', 'a text with a control character, or with a \\ that means nothing', 1, 2],
    ['more behind its end', '{} x', 'expected the end, found "x"', 1, 4],
    ['a key twice', '{"a": {"b": 1,\n "\\u0062": 2}}', 'the key "b" is there twice, and only the last one would count', 2, 2],
  ])('%s', (_, text, found, line, character) => {
    expect(jsonFault(text)).toEqual({ found, spot: { line, character } });
  }); // prettier-ignore
});

test('JSON has no fault and no key twice; cut anywhere, or with a character other, it is judged as JSON.parse judges it', () => {
  const judged = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.json(), fc.nat(200), fc.constantFrom('', '"', '\\', ',', '}', '0', '\n', 'x'), fc.boolean(), (text, at, put, isCut) => {
      const value: unknown = JSON.parse(text);
      expect([jsonFault(text), hasRepeatedKeys(text, value)]).toEqual([undefined, false]);
      const other = isCut ? text.slice(0, at) + put : text.slice(0, at) + put + text.slice(at + 1);
      const fault = jsonFault(other)?.found;
      if (judged(other)) expect(fault === undefined || fault.includes('twice')).toBe(true);
      else expect(fault).toBeDefined();
      if (judged(other)) expect(hasRepeatedKeys(other, JSON.parse(other))).toBe(fault !== undefined);
    }),
    { numRuns: 1000 },
  );
});
