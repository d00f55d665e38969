import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/command.js';

const textOf = (...parts: string[]): string => readFileSync(join(ROOT, ...parts), 'utf8');

/** Codes by which the corpora's tables refuse files, rows and models. They are read as text: their material need not be there. */
function refusals(): readonly string[] {
  const csv = JSON.parse(textOf('test/corpora/csv-table.json')) as readonly { refused?: string; rejects?: readonly (readonly [number, string])[] }[];
  const arrow = [...textOf('test/corpora/arrow.test.ts').matchAll(/\/, '([a-z]+-[a-z-]+)'\]/g)].map(([, code = '']) => code);
  const models = [...textOf('test/corpora/models.test.ts').matchAll(/\/\^(?:\([^)]*\|)?([a-z]+-[a-z-]+): |69 ([a-z]+-[a-z-]+)/g)].map(([, of, score]) => of ?? score ?? ''); // prettier-ignore
  expect([arrow.length, models.length].every((count) => count > 5)).toBe(true);
  return [...new Set([...csv.flatMap(({ refused, rejects }) => [...(refused === undefined ? [] : [refused]), ...(rejects ?? []).map(([, code]) => code)]), ...arrow, ...models])].sort(); // prettier-ignore
}

test('every code by which a file or model of the corpora is refused stands in docs/limits.md', () => {
  const page = textOf('docs/limits.md');
  const codes = refusals();
  expect(codes).toEqual(expect.arrayContaining(['arrow-truncated', 'external-data', 'foreign-format', 'ragged-row', 'rows-changed']));
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
