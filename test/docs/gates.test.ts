import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { GATES } from '#src/check/gates/gate.js';
import { parseGate } from '#src/check/gates/parse.js';
import { ROOT, scoreline, fixture } from '../support/command.js';

const pageOf = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

describe('docs/gates.md', () => {
  const page = pageOf('gates.md');

  test('has every gate with its unit, and whether it looks at a column', () => {
    const section = page.slice(page.indexOf('| gate | looks at'), page.indexOf('Figures of a process'));
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const found = rows.flatMap((row) => {
      const [, names = '', , limit = '', column = ''] = row.split(/(?<!\\)\|/);
      return [...names.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => [name, limit.trim().split(':')[0], column.trim()]);
    });
    const units = { share: 'share', number: 'number', distance: 'number', rows: 'rows', seconds: 'time', bytes: 'size', days: 'days' };
    expect(found.toSorted()).toEqual(Object.entries(GATES).map(([name, { unit, column }]) => [name, units[unit], column === 'none' ? '' : column]).toSorted());
  }); // prettier-ignore

  test('shows gates that can be given', () => {
    const flags = [...page.matchAll(/--gate '([^']+)'/g)].map(([, gate = '']) => gate);
    const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    const { gate: keys } = parse(yaml) as { gate: string[] };
    expect([flags.length, keys.length]).toEqual([6, 2]);
    for (const gate of [...flags, ...keys]) expect(GATES).toHaveProperty([parseGate(gate).name]);
  });
});

test('docs/knowledge.md names the members that inspect --json gives', async () => {
  const { stdout } = await scoreline(['inspect', fixture('adult', 'adult.onnx'), '--json']);
  const { knowledge } = JSON.parse(stdout.toString()) as { knowledge: Record<string, unknown>[] };
  const page = pageOf('knowledge.md');
  const members = new Set(knowledge.flatMap((each) => Object.keys(each)));
  expect(members.size).toBeGreaterThan(4);
  for (const member of members) expect(page).toContain(`\`${member}\``);
});
