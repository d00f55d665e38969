import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toArrow } from '../support/arrow.js';
import { fixture, scoreline, tempFolder } from '../support/command.js';
import { largestDifference, numbers, parseTable, readTable } from '../support/table.js';

interface Oracle {
  readonly model: string;
  readonly data: string;
  readonly classes?: readonly string[];
  /** Scores of trees are sums in a fixed order: they must agree bit for bit. */
  readonly exact: boolean;
  /** Where a training library works in float64 and cancels: what a relative error is measured against. */
  readonly trainingFloor: number;
}

const ADULT = ['<=50K', '>50K'];
const CUTS = ['Fair', 'Good', 'Very Good', 'Premium', 'Ideal'];

const ORACLES: readonly Oracle[] = [
  { model: 'adult/adult.onnx', data: 'adult/adult.csv', classes: ADULT, exact: false, trainingFloor: 1 },
  { model: 'adult/adult-forest.onnx', data: 'adult/adult.csv', classes: ADULT, exact: true, trainingFloor: 1 },
  { model: 'california/california-linear.onnx', data: 'california/california.csv', exact: false, trainingFloor: 2e5 },
  { model: 'california/california-trees.onnx', data: 'california/california.csv', exact: true, trainingFloor: 2e5 },
  { model: 'diamonds/diamonds.onnx', data: 'diamonds/diamonds.csv', classes: CUTS, exact: true, trainingFloor: 1 },
  { model: 'diamonds/diamonds-xgb.onnx', data: 'diamonds/diamonds.csv', classes: ['0', '1', '2', '3', '4'], exact: true, trainingFloor: 1 },
];

describe('scores agree with another implementation', () => {
  test.each(ORACLES)('$model, as a file and from stdin', async ({ model, data, classes, exact, trainingFloor }) => {
    const folder = tempFolder();
    const output = join(folder, 'scores.csv');
    const args = ['score', '-m', fixture(model), '--keep', 'none', '--batch-rows', '2048'];
    const run = await scoreline([...args, fixture(data), '-o', output]);
    expect(run).toMatchObject({ status: 0, stderr: '' });

    const found = readTable(output);
    const runtime = readTable(fixture(model.replace('.onnx', '.onnxruntime.csv')));
    const training = readTable(fixture(model.replace('.onnx', '.training.csv')));
    expect(found.length).toBe(runtime.length);
    const columns = classes === undefined ? ['prediction'] : classes.map((name) => `probability_${name}`);
    for (const column of columns) {
      const values = numbers(found, column);
      const expected = numbers(runtime, column);
      if (exact) expect(values.map(Math.fround), column).toEqual(expected.map(Math.fround));
      else expect(largestDifference(values, expected), column).toBeLessThanOrEqual(1e-6);
      expect(largestDifference(values, numbers(training, column), trainingFloor), column).toBeLessThanOrEqual(1e-6);
    }
    if (classes !== undefined) {
      expect(found.map((row) => row['prediction'])).toEqual(runtime.map((row) => row['prediction']));
      expect(found.map((row) => row['prediction'])).toEqual(training.map((row) => row['prediction']));
    }

    const piped = await scoreline(args, { stdin: withFinalNewline(readFileSync(fixture(data))) });
    expect(piped).toMatchObject({ status: 0, stderr: '' });
    expect(piped.stdout.equals(readFileSync(output))).toBe(true);
  });
});

/** A producer that is killed half-way looks like an end: on stdin the last record must end its line. */
function withFinalNewline(bytes: Buffer): Buffer {
  return bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, Buffer.from('\r\n')]);
}

describe('the format of the input changes no score', () => {
  test.each(ORACLES)('$model: Arrow file, Arrow stream and a stream on stdin give the bytes that CSV gives', async ({ model, data }) => {
    const folder = tempFolder();
    const args = ['score', '-m', fixture(model), '--keep', 'none', '--output-format', 'csv'];
    const expected = await scoreline([...args, fixture(data)]);
    expect(expected).toMatchObject({ status: 0, stderr: '' });
    const rows = readTable(fixture(data));
    for (const [container, suffix] of [['file', 'arrow'], ['stream', 'arrows']] as const) {
      const bytes = toArrow(rows, 1777, container);
      const path = join(folder, `data.${suffix}`);
      writeFileSync(path, bytes);
      // Arrow's JavaScript puts the schema of a file behind its data: such a file can be read by path alone
      const piped = container === 'file' ? [] : [await scoreline(args, { stdin: bytes })];
      for (const run of [await scoreline([...args, path]), ...piped]) {
        expect(run).toMatchObject({ status: 0, stderr: '' });
        expect(run.stdout.equals(expected.stdout), container).toBe(true);
      }
    }
  }); // prettier-ignore

  const HEADS = [
    {
      model: 'california/california-linear.onnx',
      csv: 'arrow/california-head.csv',
      arrows: ['arrow/california-head.arrow', 'arrow/california-head.arrows'],
    },
    { model: 'adult/adult.onnx', csv: 'arrow/adult-head.csv', arrows: ['arrow/adult-head.arrows', 'arrow/adult-head-replaced.arrows'] },
  ];
  test.each(HEADS)('$model: files that pyarrow wrote, dictionaries and replaced dictionaries among them', async ({ model, csv, arrows }) => {
    const args = ['score', '-m', fixture(model), '--keep', 'none', '--output-format', 'csv', '-o', '-'];
    const expected = await scoreline([...args, fixture(csv)]);
    expect(expected).toMatchObject({ status: 0, stderr: '' });
    expect(parseTable(expected.stdout).length).toBe(500);
    for (const arrow of arrows) {
      for (const run of [await scoreline([...args, fixture(arrow)]), await scoreline(args, { stdin: readFileSync(fixture(arrow)) })]) {
        expect(run).toMatchObject({ status: 0, stderr: '' });
        expect(run.stdout.equals(expected.stdout), arrow).toBe(true);
      }
    }
  });

  test('a number that stands for a missing value is one in every format', async () => {
    const args = ['score', '-m', fixture('types', 'single.onnx'), '--null-value', '-999', '--output-format', 'csv'];
    const folder = tempFolder();
    const rows = [{ x: '1' }, { x: '-999' }, { x: '3' }];
    writeFileSync(join(folder, 'in.arrow'), toArrow(rows, 10, 'file'));
    writeFileSync(join(folder, 'in.csv'), 'x\n1\n-999.0\n3\n');
    for (const name of ['in.arrow', 'in.csv'])
      expect((await scoreline([...args, join(folder, name)])).stdout.toString(), name).toBe('prediction\n3\nNaN\n7\n');
  });
});
