import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { encodeEntry, GENESIS } from '#src/journal/entry.js';
import { sampleDrafts } from './samples.js';

const schema = JSON.parse(readFileSync(new URL('../../docs/journal.schema.json', import.meta.url), 'utf8')) as object;
// Ajv leaves formats to a package of their own; the pattern beside `date-time` is the check.
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true, formats: { 'date-time': true } });
const validate = ajv.compile(schema);

/** Every kind of line, as it reads back. */
const lines = sampleDrafts().map(
  (draft) => JSON.parse(encodeEntry(draft, '2025-10-09T08:53:20.000Z', GENESIS).line.toString()) as Record<string, unknown>,
);

describe('docs/journal.schema.json', () => {
  test.each(lines.map((line, index) => [line['kind'], index, line]))('takes a %s (line %i)', (_kind, _index, line) => {
    validate(line);
    expect(validate.errors).toBeNull();
  });

  test('does not take a line of another kind, or without one', () => {
    expect(validate({ ...lines[0], kind: 'HELLO' })).toBe(false);
    expect(validate({})).toBe(false);
  });

  test('takes no line with a member too many or too few', () => {
    const optional = new Set(['START resumes', 'START process']);
    for (const line of lines) {
      expect(validate({ ...line, value: 'canary' })).toBe(false);
      for (const name of Object.keys(line)) {
        const rest = Object.fromEntries(Object.entries(line).filter(([member]) => member !== name));
        const kind = String(line['kind']);
        if (optional.has(`${kind} ${name}`) || (kind === 'FAIL' && !['v', 'seq', 'kind', 'run', 'at', 'error', 'prev', 'digest'].includes(name)))
          continue;
        expect([kind, name, validate(rest)]).toEqual([kind, name, false]);
      }
    }
  });

  test('is about all kinds that the codec writes', () => {
    expect(new Set(lines.map((line) => line['kind']))).toEqual(new Set(['START', 'CHECKPOINT', 'PREPARE', 'COMMIT', 'FAIL', 'ABORT']));
  });
});
