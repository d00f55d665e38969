import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { quoteItem, quotePairName } from '#src/cli/list.js';
import { writeModel } from '#src/model/onnx/read.js';
import { score } from '#src/run/score.js';
import { scoreline, tempFolder, type Ended } from '../support/command.js';
import '../support/warm.js';
import { constant, graphOf, linearClassifier, modelOf, node, typed, value } from './onnx-maker.js';

/** Writes a made model and a CSV, every cell in quotes. */
function prepare(parts: Parameters<typeof graphOf>[0], csv: readonly (readonly string[])[]): { model: string; input: string; output: string } {
  const folder = tempFolder();
  const [model, input, output] = ['m.onnx', 'in.csv', 'out.csv'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(model, writeModel(modelOf(graphOf(parts))));
  writeFileSync(input, csv.map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`).join(''));
  return { model, input, output };
} // prettier-ignore

/** Scores a CSV with a made model through the built command; gives the output's cells, header first. */
async function run(parts: Parameters<typeof graphOf>[0], csv: readonly (readonly string[])[], flags: readonly string[] = []): Promise<Ended & { cells: string[][] }> {
  const { model, input, output } = prepare(parts, csv);
  const ended = await scoreline(['score', '-m', model, input, '-o', output, '--keep', 'none', '--no-journal', ...flags]);
  return { ...ended, cells: ended.status === 0 ? parse(readFileSync(output)) : [] };
} // prettier-ignore

const identity = (type: number, inputDims: (string | number)[], outputDims = inputDims): Parameters<typeof graphOf>[0] => ({
  node: [node('Identity', ['X'], ['Y'])],
  input: [value('X', type, inputDims)],
  output: [value('Y', type, outputDims)],
});

/** Cells as they are read, and as they come out again where that is otherwise. */
const TYPES: readonly [string, number, readonly (string | readonly [string, string])[]][] = [
  [
    'float32',
    1,
    ['0.1', '-1.5', ['1e39', 'reject'], ['inf', 'inf'], ['-Infinity', '-inf'], ['', 'NaN'], ['16777217', '16777216'], ['1e-45', '1e-45']],
  ],
  ['uint8', 2, ['0', '255', ['256', 'reject'], ['-1', 'reject'], ['', 'reject'], ['1.5', 'reject']]],
  ['int8', 3, ['-128', '127', ['128', 'reject'], ['3.0', '3']]],
  ['uint16', 4, ['0', '65535', ['65536', 'reject']]],
  ['int16', 5, ['-32768', '32767', ['-32769', 'reject']]],
  ['int32', 6, ['-2147483648', '2147483647', ['2147483648', 'reject']]],
  ['int64', 7, ['9007199254740993', '-9223372036854775808', '9223372036854775807', ['9223372036854775808', 'reject']]],
  ['string', 8, ['a,b', 'say "hi"', 'two\nlines', ' blanks ', '', 'grün ✓ 😀', "'"]],
  ['bool', 9, ['true', 'false', ['1', 'true'], ['FALSE', 'false'], ['2', 'reject']]],
  ['float16', 10, ['0.5', '-2', ['65504', '65504'], ['0.1', '0.099975586'], ['', 'NaN'], ['1e9', 'reject'], ['-inf', '-inf']]],
  ['float64', 11, ['0.1', '5e-324', '1.7976931348623157e+308', ['1e400', 'reject'], ['nan', 'NaN']]],
  ['uint32', 12, ['0', '4294967295', ['4294967296', 'reject']]],
  ['uint64', 13, ['0', '18446744073709551615', ['18446744073709551616', 'reject'], ['-1', 'reject']]],
];

describe('every type, through the command', () => {
  const SHAPES: readonly [string, (string | number)[], number][] = [
    ['[N]', ['N'], 1], ['[N, 1]', ['', 1], 1], ['[N, 2]', ['rows', 2], 2], ['[1]', [1], 1], ['[1, 2]', [1, 2], 2], ['[3, 2]', [3, 2], 2], ['[N, K]', ['', 'K'], 2], ['any', [], 2],
  ]; // prettier-ignore

  test.each(TYPES)('%s', async (_, type, cells) => {
    const thorough = [1, 7, 8].includes(type);
    for (const [shape, dims, width] of thorough ? SHAPES : SHAPES.filter(([name]) => ['[N]', '[3, 2]'].includes(name))) {
      const parts = identity(type, dims);
      if (shape === 'any') [parts.input![0], parts.output![0]] = [value('X', type), value('Y', type)];
      const names = width === 1 ? ['X'] : ['a', 'b'];
      const rows = cells.map((cell) => (typeof cell === 'string' ? [cell, cell] as const : cell));
      const { input, model, output } = prepare(parts, [names, ...rows.map(([text]) => names.map(() => text))]);
      const options = { maxRejects: { kind: 'rows', rows: 100 }, keep: 'none', journal: false, ...(width === 1 ? {} : { features: names }) } as const;
      await score({ model, input, output, ...options });
      const expected = rows.filter(([, result]) => result !== 'reject').map(([, result]) => names.map(() => result));
      expect(parse(readFileSync(output)).slice(1), shape).toEqual(expected);
    }
  }); // prettier-ignore
});

test('an input that an initializer gives a default is no column, and keeps its default', async () => {
  const { cells } = await run(
    {
      node: [node('Add', ['X', 'offset'], ['Y'])],
      input: [value('X', 1, ['', 1]), value('offset', 1, [1])],
      output: [value('Y', 1, ['', 1])],
      initializer: [constant('offset', [10])],
    },
    [['X'], ['1'], ['2.5']],
  );
  expect(cells).toEqual([['prediction'], ['11'], ['12.5']]);
});

test('class labels of text that need quotes, as predictions and in the names of columns', async () => {
  const classes = ['a,b', 'say "hi"', 'two\nlines'];
  const classifier = linearClassifier(classes);
  classifier.attribute.push(...node('x', [], [], [['coefficients', [1, 0, 0, 1, 0.5, 0.5]], ['intercepts', [0, 0, 0]]]).attribute); // prettier-ignore
  const parts = { node: [classifier], input: [value('X', 1, ['', 2])], output: [value('label', 8, ['']), value('scores', 1, ['', 3])] };
  const { status, cells } = await run(parts, [['x', 'y'], ['5', '0'], ['0', '5'], ['-5', '-4']], ['--features', 'x,y']); // prettier-ignore
  expect(status).toBe(0);
  expect(cells[0]).toEqual(['prediction', ...classes.map((name) => `probability_${name}`)]);
  expect(cells.slice(1).map(([label]) => label)).toEqual(['a,b', 'say "hi"', 'say "hi"'].map((name, row) => (row === 2 ? cells[3]![0] : name)));
  for (const [label] of cells.slice(1)) expect(classes).toContain(label);
});

describe('odd names', () => {
  const NAMES = [
    'a\nb',
    'a,b',
    'a"b',
    'a/b',
    '__proto__',
    'constructor',
    ' a ',
    'a=b',
    "it's",
    '@a',
    '-a',
    '"quoted"',
    'ü ✓',
    '$HOME',
    'a\\b',
    'x'.repeat(300),
  ];

  const values = NAMES.map((_, index) => `v${index}`);
  const columns: Parameters<typeof graphOf>[0] = {
    node: NAMES.map((name) => node('Identity', [name], [`${name}.out`])),
    input: NAMES.map((name) => value(name, 8, ['', 1])),
    output: NAMES.map((name) => value(`${name}.out`, 8, ['', 1])),
  };
  const columnsOut = [NAMES.map((name) => `${name}.out`), values];
  const matrix = { node: [node('Identity', ['X'], ['Y'])], input: [value('X', 8, ['', NAMES.length])], output: [value('Y', 8, ['', NAMES.length])] };
  const backwards = [...NAMES].reverse();

  test('inputs and outputs, by name, in the quotes that the output needs', async () => {
    expect((await run(columns, [['other', ...backwards], ['w', ...[...values].reverse()]])).cells).toEqual(columnsOut); // prettier-ignore
  });

  test('by --bind, the columns called otherwise', async () => {
    const others = NAMES.map((_, index) => (index % 2 === 0 ? `col=${index}` : `"c,${index}"`));
    const flags = NAMES.flatMap((name, index) => ['--bind', `${quotePairName(name)}=${quotePairName(others[index] ?? '')}`]);
    expect((await run(columns, [others, values], flags)).cells).toEqual(columnsOut);
  });

  test('in --features, and in its file where no name holds a newline', async () => {
    const csv = [['other', ...backwards], ['w', ...[...values].reverse()]]; // prettier-ignore
    expect((await run(matrix, csv, [`--features=${NAMES.map(quoteItem).join(',')}`])).cells[1]).toEqual(values);
    const file = join(tempFolder(), 'names.txt');
    writeFileSync(file, [...NAMES.filter((name) => !name.includes('\n')), 'other'].join('\n'));
    expect((await run(matrix, csv, ['--features', `@${file}`])).cells[1]).toEqual([
      ...values.filter((_, index) => !NAMES[index]?.includes('\n')),
      'w',
    ]);
  });

  test.each(NAMES.filter((name) => name !== '__proto__').slice(0, 4))('a matrix called %j names its columns', async (name) => {
    const parts = { node: [node('Identity', ['X'], [name])], input: [value('X', 8, ['', 2])], output: [value(name, 8, ['', 2])] };
    expect((await run(parts, [['a', 'b'], ['v', 'w']], ['--features', 'b,a'])).cells).toEqual([[`${name}_0`, `${name}_1`], ['w', 'v']]); // prettier-ignore
  });

  test('one name that the runtime keeps for itself', async () => {
    const parts = { node: [node('Identity', ['X'], ['__proto__'])], input: [value('X', 8, ['', 1])], output: [value('__proto__', 8, ['', 1])] };
    expect(await run(parts, [['X'], ['v']])).toMatchObject({ status: 69, stderr: expect.stringContaining('unsupported-name') }); // prettier-ignore
  });

  test('an empty name is none: the runtime does not know it', async () => {
    const parts = {
      node: [node('Identity', ['X'], ['Y'])],
      input: [value('X', 1, ['', 1]), value('', 1, ['', 1])],
      output: [value('Y', 1, ['', 1])],
    };
    expect((await run(parts, [['X'], ['1']])).status).not.toBe(70); // prettier-ignore
    const output = { node: [node('Identity', ['X'], [''])], input: [value('X', 1, ['', 1])], output: [value('', 1, ['', 1])] };
    expect((await run(output, [['X'], ['1']])).status).toBe(69); // prettier-ignore
  });
});

describe('what has no place in a table is refused by name', () => {
  const tensor = { value: { case: 'tensorType', value: { elemType: 1 } } };
  test.each<[string, ReturnType<typeof value>, RegExp]>([
    ['a sequence', typed('Y', { case: 'sequenceType', value: { elemType: tensor } as never }), /output "Y" is a sequence, expected a tensor/],
    ['a sequence of maps that no ZipMap made', typed('Y', { case: 'sequenceType', value: { elemType: { value: { case: 'mapType', value: { keyType: 7, valueType: tensor } } } } as never }), /output "Y" is a sequence of maps/],
    ['a map', typed('Y', { case: 'mapType', value: { keyType: 7 } as never }), /output "Y" is a map/],
    ['a sparse tensor', typed('Y', { case: 'sparseTensorType', value: { elemType: 1 } as never }), /output "Y" is a sparse tensor/],
    ['rank 3', value('Y', 1, ['', 2, 2]), /output "Y" has shape \[\?, 2, 2\]: 3 dimensions are not a table/],
    ['complex numbers', value('Y', 14, ['', 1]), /output "Y" is of type complex64/],
  ])('%s', async (_, output, message) => {
    const { status, stderr } = await run({ node: [node('Identity', ['X'], ['Y'])], input: [value('X', 1, ['', 1])], output: [output] }, [['X'], ['1']]);
    expect(status).toBe(69);
    expect(stderr).toMatch(message);
  }); // prettier-ignore
});
