import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelError } from '#src/errors/errors.js';
import { score } from '#src/index.js';
import { compileCondition } from '#src/model/rules/condition.js';
import { isRules } from '#src/model/rules/is-rules.js';
import { readRules } from '#src/model/rules/read.js';
import { fixture, ROOT, scoreline, tempFolder } from '../support/command.js';

/** The example of the manual. */
const EXAMPLE = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs', 'rules.md'), 'utf8'))?.[1] ?? '';

function written(text: string): { folder: string; rules: string } {
  const folder = tempFolder();
  const rules = join(folder, 'approve.rules.yaml');
  writeFileSync(rules, text);
  return { folder, rules };
}

async function scored(text: string, csv: string): Promise<{ out: string; journal: Record<string, unknown> }> {
  const { folder, rules } = written(text);
  writeFileSync(join(folder, 'in.csv'), csv);
  const output = join(folder, 'out.csv');
  await score({ model: rules, input: join(folder, 'in.csv'), output, keep: 'unused', maxRejects: { kind: 'rows', rows: 9 } });
  const lines = readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n');
  return { out: readFileSync(output, 'utf8'), journal: JSON.parse(lines[0] ?? '') as Record<string, unknown> };
}

describe('a file of rules', () => {
  test('scores as a model does: the example of the manual', async () => {
    const { out, journal } = await scored(EXAMPLE, 'id,income,region,hours-per-week\n1,60000,north,40\n2,,north,80\n3,60000,west,60\n4,1,south,\n5,1,west,59.5\n6,abc,west,1\n');
    expect(out).toBe('id,prediction,probability_yes\n1,yes,0.9\n2,unknown,0.5\n3,yes,0.6\n4,yes,0.6\n5,no,0.1\n');
    expect(journal).toMatchObject({ model: { family: 'rules', path: expect.stringContaining('approve.rules.yaml') as string } });
  });

  test('a constant, and texts as they were written', async () => {
    const { out } = await scored('# a constant\nversion: scoreline.rules/1\ncolumns: { a: number }\noutputs: { prediction: text, code: text }\nrules: [{ then: { prediction: no, code: 01 } }]\n', 'a,b\n1,x\n');
    expect(out).toBe('b,prediction,code\nx,no,01\n');
  });

  test('gives what plain code gives, on real data, from CSV and Arrow alike', async () => {
    const { folder, rules } = written(
      'version: scoreline.rules/1\ncolumns: { median_income: number, latitude: number, total_bedrooms: number }\noutputs: { prediction: number }\nrules:\n' +
        '  - when: isMissing(total_bedrooms)\n    then: { prediction: -1 }\n  - when: median_income * 2 > 8 && !(latitude >= 37.5)\n    then: { prediction: 2.5 }\n  - then: { prediction: 0 }\n',
    );
    const rows = readFileSync(fixture('arrow', 'california-head.csv'), 'utf8').trim().split('\n').map((line) => line.split(','));
    const at = (name: string): number => rows[0]!.indexOf(name);
    const expected = rows.slice(1).map((cells) => (cells[at('total_bedrooms')] === '' ? '-1' : Number(cells[at('median_income')]) * 2 > 8 && !(Number(cells[at('latitude')]) >= 37.5) ? '2.5' : '0'));
    expect(new Set(expected).size).toBeGreaterThan(1);
    for (const input of ['california-head.csv', 'california-head.arrow']) {
      const output = join(folder, `${input}.out.csv`);
      await score({ model: rules, input: fixture('arrow', input), output, keep: 'none', workers: 2, chunkBytes: 5000 });
      expect(readFileSync(output, 'utf8').trim().split('\n')).toEqual(['prediction', ...expected]);
    }
  });

  test('is shown by inspect', async () => {
    const { rules } = written(EXAMPLE);
    const shown = await scoreline(['inspect', rules]);
    expect(shown.stderr).toBe('');
    expect(shown.stdout.toString()).toMatch(/Family +rules[\s\S]+hours-per-week[\s\S]+isMissing\(income\) +unknown +0.5[\s\S]+else +no +0.1/);
    expect(JSON.parse((await scoreline(['inspect', '--json', rules])).stdout.toString())).toMatchObject({ family: 'rules', rules: [{ when: 'isMissing(income)' }, {}, {}, { when: null, then: ['no', 0.1] }] });
  });

  test('a row on which a condition fails is a reject, and the others are scored', async () => {
    const { out } = await scored('version: scoreline.rules/1\ncolumns: { a: text }\noutputs: { prediction: number }\nrules:\n  - when: int(a) > 3\n    then: { prediction: 1 }\n  - then: { prediction: 0 }\n', 'a,b\n1,x\nfive,y\n7,z\n');
    expect(out).toBe('b,prediction\nx,0\nz,1\n');
  });
}); // prettier-ignore

describe('what is wrong with rules is told with its line', () => {
  const whole = { version: 'scoreline.rules/1', columns: '{ a: number, b: text }', outputs: '{ p: number }', rules: '[{ when: a > 1, then: { p: 1 } }, { then: { p: 0 } }]' };
  const text = (changed: Partial<Record<keyof typeof whole, string>>): string => Object.entries({ ...whole, ...changed }).filter(([, value]) => value !== '').map(([key, value]) => `${key}: ${value}\n`).join('');

  test('a whole one is read', () => expect(readRules(Buffer.from(text({})), 'r.yaml').rules).toEqual([{ when: 'a > 1', then: [1] }, { when: undefined, then: [0] }]));

  test.each<[Parameters<typeof text>[0], number | undefined, string]>([
    [{ version: 'scoreline.rules/2' }, 1, 'expected the version scoreline.rules/1'],
    [{ columns: '' }, undefined, 'the key columns is missing'],
    [{ columns: '{ a: float }' }, 2, 'expected number or text, found "float"'],
    [{ columns: '{ a-b: number }' }, 2, 'conditions cannot say the name "a-b"'],
    [{ columns: '{ a: { column: x } }' }, 2, 'the type of "a" is missing'],
    [{ columns: '{}' }, undefined, 'expected at least one column'],
    [{ outputs: '[p]' }, 3, 'expected names with their types under outputs'],
    [{ rules: '[{ then: { q: 0 } }]' }, 4, 'there is no output "q"'],
    [{ rules: '[{ then: {} }]' }, 4, 'a value for the output "p" is missing'],
    [{ rules: '[{ then: { p: high } }]' }, 4, 'expected a number for "p", found "high"'],
    [{ rules: '[{ when: a > 1, then: { p: 1 } }]' }, 4, 'the last rule must have no condition'],
    [{ rules: '[{ then: { p: 1 } }, { then: { p: 1 } }]' }, 4, 'must be the last'],
    [{ rules: '[{ when: a > 1 }]' }, 4, 'expected then:'],
    [{ rules: '[{ wenn: a > 1, then: { p: 1 } }]' }, 4, 'there is no key "wenn"'],
    [{ rules: '[{ when: c > 1, then: { p: 1 } }, { then: { p: 0 } }]' }, 4, 'Unknown variable: c'],
    [{ rules: '[{ when: a > "x", then: { p: 1 } }, { then: { p: 0 } }]' }, 4, 'no such overload'],
    [{ rules: '[{ when: a + 1, then: { p: 1 } }, { then: { p: 0 } }]' }, 4, 'expected a condition that is true or false, found one that gives double'],
    [{ rules: `[{ when: 'b.matches("(a+)+$")', then: { p: 1 } }, { then: { p: 0 } }]` }, 4, 'the function matches may not be used'],
    [{ rules: `[{ when: '[1, 2].exists(x, x > 1)', then: { p: 1 } }, { then: { p: 0 } }]` }, 4, 'the function exists may not be used'],
    [{ rules: `[{ when: a >, then: { p: 1 } }, { then: { p: 0 } }]` }, 4, 'the condition cannot be used'],
    [{ rules: '[]' }, 4, 'expected a list of rules'],
  ])('%j', (changed, line, message) => {
    const read = (): unknown => readRules(Buffer.from(text(changed)), 'r.yaml');
    expect(read).toThrow(ModelError);
    try {
      read();
    } catch (error) {
      expect(error).toMatchObject({ code: 'rules-invalid', message: expect.stringContaining(message) as string, place: { file: 'r.yaml' } });
      expect((error as ModelError).place.line).toBe(line);
    }
  });

  test.each(['', '\uFEFF', '# why\n\n', '---\n'])('is known by its first key, behind %j', (head) => expect(isRules(Buffer.from(`${head}version: scoreline.rules/1\n`))).toBe(true));
  test('an ONNX file and a job are none', () => {
    expect(isRules(readFileSync(fixture('california', 'california-linear.onnx')))).toBe(false);
    expect(isRules(Buffer.from('model: x.onnx\ninput: y\n'))).toBe(false);
  });
}); // prettier-ignore

describe('conditions over numbers, written with or without a point', () => {
  const number = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0));
  const columns = [{ name: 'a', column: 'a', kind: 'number' }, { name: 'b', column: 'b', kind: 'number' }] as const;

  test('hold where JavaScript says so', () => {
    const signs = { '==': (a: number, b: number) => a === b, '!=': (a: number, b: number) => a !== b, '<': (a: number, b: number) => a < b, '<=': (a: number, b: number) => a <= b, '>': (a: number, b: number) => a > b, '>=': (a: number, b: number) => a >= b };
    fc.assert(
      fc.property(number, fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(...(Object.keys(signs) as (keyof typeof signs)[])), fc.boolean(), (value, limit, sign, turned) => {
        const limitText = String(limit);
        const condition = compileCondition(turned ? `${limitText} ${sign} a` : `a ${sign} ${limitText}`, columns);
        if (typeof condition === 'string') throw new Error(condition);
        expect(condition({ a: value, b: 0 })).toBe(turned ? signs[sign](limit, value) : signs[sign](value, limit));
      }),
    );
  });

  test('a missing number fulfils nothing but isMissing and !=', () => {
    for (const text of ['a > 1', 'a <= 1', 'a == 1', 'a + 1 > 0', 'b in [1.0] && a < 3']) expect((compileCondition(text, columns) as (row: object) => boolean)({ a: NaN, b: 1 }), text).toBe(false);
    expect((compileCondition('isMissing(a) && !isMissing(b)', columns) as (row: object) => boolean)({ a: NaN, b: 1 })).toBe(true);
  });
}); // prettier-ignore
