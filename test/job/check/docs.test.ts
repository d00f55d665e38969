import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/command.js';
import { ADULT, adultRows, check, csvFile, withCells } from './support.js';

test('the screen in the manual is what such a file gives', async () => {
  const rows = withCells(
    withCells(adultRows(9000), 'age', (row, old) => (row % 1500 === 3 ? '?' : old)),
    'occupation',
    (row, old) => (row % 2000 === 9 ? ' astronaut' : old),
  ).map((row, index) => (index === 0 ? row.map((name) => (name === 'hours_per_week' ? 'Hours-per-week' : name)) : row));
  const { screen, status } = await check({ model: ADULT, input: csvFile(rows) });
  const [, shown = ''] = /```console\n\$ scoreline check -m adult\.onnx may\.csv -o scores\.csv\n([^`]*)```/.exec(readFileSync(join(ROOT, 'docs', 'check.md'), 'utf8')) ?? [];
  const body = (text: string): string => text.slice(text.indexOf('  FAILED'));
  expect(body(screen)).toBe(body(shown));
  expect(status).toBe(65);
}); // prettier-ignore
