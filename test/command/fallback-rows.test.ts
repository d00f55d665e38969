import { Table, RecordBatchFileWriter, tableFromIPC, vectorFromArray, Float64 } from 'apache-arrow';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';
import { writeModel } from '#src/model/onnx/read.js';
import { constant, graphOf, modelOf, node, value } from '../model/onnx-maker.js';
import { ROOT, fixture, scoreline, tempFolder } from '../support/command.js';
import '../support/warm.js';

/** Takes whole numbers from -5 to 4, and throws at any other. */
const THROWS = fixture('types', 'throws.onnx');
/** 2x + 1. */
const SINGLE = fixture('types', 'single.onnx');

/** As THROWS, with three columns: Y_0, Y_1, Y_2. */
function throwsThreefold(): Uint8Array {
  const nodes = [node('Gather', ['table', 'index'], ['y']), node('Concat', ['y', 'y', 'y'], ['Y'], [['axis', 1n]])];
  const [input, output] = [[value('index', 7, ['', 1])], [value('Y', 1, ['', 3])]];
  return writeModel(modelOf(graphOf({ node: nodes, input, output, initializer: [constant('table', [0, 10, 20, 30, 40])] })));
}

const RULES = `version: scoreline.rules/1
columns: { index: number, color: text }
outputs: { prediction: number }
rules:
  - when: color == "none"
    then: { prediction: -9 }
  - when: index > 100.0
    then: { prediction: 100 }
  - then: { prediction: -1 }
`;

const schema = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(
  JSON.parse(readFileSync(join(ROOT, 'docs', 'journal.schema.json'), 'utf8')) as object,
);

/** The lines of a journal, each of which fits the published schema. */
function journal(output: string): Record<string, unknown>[] {
  const lines = readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  for (const line of lines) expect([line['kind'], schema(line), schema.errors]).toEqual([line['kind'], true, null]);
  return lines;
}

/** Every seventh row has an index that the model throws at, every 35th one that is no number; x counts the rows. */
function table(folder: string, rows: number): string {
  const path = join(folder, 'in.csv');
  const lines = Array.from({ length: rows }, (_, row) => `r${row},${row % 35 === 3 ? 'none' : row % 7 === 3 ? 1000 + row : row % 5},${row},${row % 2 === 0 ? 'red' : 'blue'}`); // prettier-ignore
  writeFileSync(path, `id,index,x,color\n${lines.join('\n')}\n`);
  return path;
}

const ROWS = 1000;
const FAILING = Array.from({ length: ROWS }, (_, row) => row).filter((row) => row % 7 === 3 && row % 35 !== 3);
const UNREADABLE = Array.from({ length: ROWS }, (_, row) => row).filter((row) => row % 35 === 3);

describe('rows that the model throws at', () => {
  test('are scored by the fallback, by record, whatever the chunking; others are as without it; every row is accounted for', async () => {
    const folder = tempFolder();
    const input = table(folder, ROWS);
    const options = { model: THROWS, input, keep: ['id'], maxRejects: { kind: 'rows', rows: ROWS }, batchRows: 64 } as const satisfies Omit<ScoreOptions, 'output'>;
    const plain = join(folder, 'plain.csv');
    await score({ ...options, output: plain });
    const byModel = new Map(readFileSync(plain, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',') as [string, string])); // prettier-ignore
    const outputs = new Set<string>();
    const counts = new Set<string>();
    for (const [at, cut] of [{}, { chunkBytes: 1, workers: 1 }, { chunkBytes: 600, workers: 3 }, { chunkBytes: 5000, workers: 2 }].entries()) {
      const output = join(folder, `${at}.csv`);
      const summary = await score({ ...options, ...cut, output, fallback: { model: SINGLE }, scoredBy: 'scored_by' });
      expect(summary).toMatchObject({ rowsIn: ROWS, scored: ROWS - UNREADABLE.length, rejected: UNREADABLE.length, byFallback: FAILING.length });
      outputs.add(readFileSync(output, 'utf8'));
      const commit = journal(output).at(-1);
      expect(commit).toMatchObject({ kind: 'COMMIT', fallback: { kind: 'model', of: null, model: THROWS, why: 'rows', rows: FAILING.length } });
      const { rows, missing, ranges, predictions, warnings, profile } = commit ?? {};
      counts.add(JSON.stringify({ rows, missing, ranges, predictions, warnings, profile }));
    }
    expect([outputs.size, counts.size]).toEqual([1, 1]);
    const lines = [...outputs][0]?.trim().split('\n').slice(1) ?? [];
    const expected = Array.from({ length: ROWS }, (_, row) =>
      UNREADABLE.includes(row) ? [] : [FAILING.includes(row) ? `r${row},${2 * row + 1},fallback` : `r${row},${byModel.get(`r${row}`) ?? '?'},model`],
    ).flat();
    expect(lines).toEqual(expected);
  }, 60_000); // prettier-ignore

  test('stay rejects with the reason of the model where the fallback cannot score them either', async () => {
    const folder = tempFolder();
    const [input, output] = [join(folder, 'in.csv'), join(folder, 'out.csv')];
    writeFileSync(input, 'id,index,x\na,1,1\nb,9,word\nc,9,3\n'); // the fallback cannot read x of b
    const summary = await score({ model: THROWS, input, output, keep: ['id'], fallback: { model: SINGLE }, maxRejects: { kind: 'rows', rows: 1 } });
    expect(summary).toMatchObject({ scored: 2, rejected: 1, rejectedByCode: { 'runtime-error': 1 }, byFallback: 1 });
    expect(readFileSync(output, 'utf8')).toBe('id,prediction\na,10\nc,7\n');
    expect(readFileSync(`${output}.rejects.csv`, 'utf8')).toContain('indices element out of data bounds');
  });

  test('are rejects where the fallback is not for rows, or its own contract rejects them', async () => {
    const folder = tempFolder();
    const [input, output, second] = [join(folder, 'in.csv'), join(folder, 'out.csv'), join(folder, 'second.csv')];
    writeFileSync(input, 'id,index,x,color\na,1,1,red\nb,9,2,red\nc,9,3,\n');
    const options = { model: THROWS, input, keep: ['id'], maxRejects: { kind: 'rows', rows: 2 } } as const satisfies Omit<ScoreOptions, 'output'>;
    const none = await score({ ...options, output, fallback: { model: SINGLE, on: ['load'] } });
    expect([none.rejected, none.byFallback]).toEqual([2, undefined]);
    const rules = join(folder, 'safe.yaml');
    writeFileSync(rules, RULES);
    const model = { sha256: createHash('sha256').update(RULES).digest('hex') };
    writeFileSync(
      join(folder, 'safe.contract.json'),
      JSON.stringify({
        version: 'scoreline.contract/1',
        model,
        schema: { fields: [{ name: 'color', type: 'string' }] },
        rules: { color: { onMissing: 'reject' } },
      }),
    );
    const some = await score({ ...options, output: second, fallback: { model: rules } });
    expect([some.rejected, some.byFallback]).toEqual([1, 1]);
    expect(readFileSync(second, 'utf8')).toBe('id,prediction\na,10\nb,-1\n');
  });

  test('of Arrow with dictionaries give the same as of CSV', async () => {
    const folder = tempFolder();
    const rules = join(folder, 'safe.yaml');
    writeFileSync(rules, RULES);
    const index = Array.from({ length: 500 }, (_, row) => (row % 7 === 3 ? (row % 2 === 0 ? 1000 : 50) : row % 5));
    const color = index.map((_, row) => (row % 3 === 0 ? 'none' : 'red'));
    const whole = new Table({ index: vectorFromArray(index, new Float64()), color: vectorFromArray(color) });
    const writer = new RecordBatchFileWriter();
    for (const at of [0, 100, 200, 300, 400]) for (const batch of whole.slice(at, at + 100).batches) writer.write(batch);
    const [arrow, csv] = [join(folder, 'in.arrow'), join(folder, 'in.csv')];
    writeFileSync(arrow, writer.finish().toUint8Array(true));
    writeFileSync(csv, `index,color\n${index.map((value, row) => `${value},${color[row] ?? ''}`).join('\n')}\n`);
    const options = { model: THROWS, keep: 'none', fallback: { model: rules }, scoredBy: 'by' } as const;
    const [a, b] = [join(folder, 'a.csv'), join(folder, 'b.csv')];
    const [one, two] = [
      await score({ ...options, input: arrow, output: a, outputFormat: 'csv', chunkBytes: 1 }),
      await score({ ...options, input: csv, output: b }),
    ];
    expect(one.byFallback).toBe(index.filter((value) => value > 4).length);
    expect(two.byFallback).toBe(one.byFallback);
    expect(readFileSync(a, 'utf8')).toBe(readFileSync(b, 'utf8'));
    expect(new Set(readFileSync(a, 'utf8').split('\n').filter((line) => line.endsWith('fallback')))).toEqual(new Set(['-9,fallback', '100,fallback', '-1,fallback'])); // prettier-ignore
    const out = join(folder, 'out.arrow');
    await score({ ...options, input: arrow, output: out });
    expect(tableFromIPC(readFileSync(out)).toArray().map((row) => `${String(row?.['prediction'])},${String(row?.['by'])}`).join('\n')).toBe(readFileSync(a, 'utf8').trim().split('\n').slice(1).join('\n')); // prettier-ignore
  });

  test('end with status 3, or as --warn-status says, and say on stderr how many', async () => {
    const folder = tempFolder();
    const rules = join(folder, 'safe.yaml');
    writeFileSync(rules, RULES);
    const args = ['score', '-m', THROWS, fixture('types', 'throws.csv'), '-o', join(folder, 'out.csv'), '--fallback', rules];
    const run = await scoreline([...args, '-v']);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('1 row that the model could not score was scored by the fallback');
    expect(await scoreline([...args, '--warn-status', '0'])).toMatchObject({ status: 0, stderr: '' });
    expect(
      await scoreline(['score', '-m', SINGLE, fixture('types', 'types.csv'), '-o', join(folder, 'b.csv'), '--keep', 'none', '--fallback', SINGLE]),
    ).toMatchObject({ status: 0 });
  });
});

test('a check tries the fallback on the first rows, and fails where it cannot score them', async () => {
  const folder = tempFolder();
  const rules = join(folder, 'safe.yaml');
  writeFileSync(rules, RULES);
  const args = ['check', '-m', THROWS, fixture('types', 'throws.csv'), '-o', join(folder, 'out.csv'), '--fallback', rules, '--fallback-on', 'load'];
  const well = await scoreline([...args, '--max-rejects', '1']);
  expect([well.status, well.stdout.toString().replace(/\s+/g, ' ')]).toEqual([
    0,
    expect.stringContaining('5 of the first 5 rows can be scored by it'),
  ]);
  writeFileSync(rules, RULES.replace('color:', 'colour:').replace('color ==', 'colour =='));
  const ill = await scoreline([...args, '--max-rejects', '1']);
  expect(ill.status).toBe(65);
  expect(ill.stdout.toString()).toContain('colour');
});

describe('a fallback that does not fit', () => {
  test('is refused before row one: 78 where it lacks a column of the model, 69 where it cannot be loaded or reads what is not there', async () => {
    const folder = tempFolder();
    const rules = join(folder, 'safe.yaml');
    writeFileSync(rules, RULES.replaceAll('prediction', 'score').replace('outputs: { score: number }', 'outputs: { score: number, other: number }').replaceAll('score: -', 'other: 0, score: -').replace('score: 100', 'other: 0, score: 100')); // prettier-ignore
    const output = join(folder, 'out.csv');
    const options = { model: THROWS, input: fixture('types', 'throws.csv'), output } as const;
    await expect(score({ ...options, fallback: { model: rules } })).rejects.toMatchObject({ code: 'fallback-columns', status: 78 });
    await expect(score({ ...options, fallback: { model: join(folder, 'none.onnx') } })).rejects.toMatchObject({
      code: 'fallback-unusable',
      status: 69,
    });
    await expect(score({ ...options, fallback: { model: fixture('types', 'matrix-double.onnx') } })).rejects.toMatchObject({
      code: 'fallback-unusable',
      status: 69,
    });
    await expect(score({ ...options, fallback: { model: SINGLE, on: ['rows'] }, scoredBy: 'prediction' })).rejects.toMatchObject({
      code: 'name-clash',
    });
    expect(existsSync(output)).toBe(false);
  });

  test.each(['mean', 'largest', 'sort', 'place', 'late-mean'])('is refused where it mixes rows, also far into the run: %s', async (name) => {
    const folder = tempFolder();
    const input = join(folder, 'in.csv');
    const rows = Array.from(
      { length: 200 },
      (_, row) => `${row > 150 && row % 3 === 0 ? 9 : 1},${row},${row % 7},${row > 170 ? 5000 + row : row % 11}`,
    );
    writeFileSync(input, `index,f1,f2,f3\n${rows.join('\n')}\n`);
    const model = join(folder, 'm.onnx');
    writeFileSync(model, throwsThreefold());
    const options = { model, input, output: join(folder, 'out.csv'), chunkBytes: 500, keep: 'none' } as const satisfies ScoreOptions;
    const fallback = { model: fixture('types', 'lying', `${name}.onnx`) };
    await expect(score({ ...options, fallback })).rejects.toMatchObject({ code: 'fallback-unusable', details: { because: 'rows-mixed' } });
    expect(existsSync(options.output)).toBe(false);
  });

  test('is no output', async () => {
    const folder = tempFolder();
    const rules = join(folder, 'safe.yaml');
    writeFileSync(rules, RULES);
    const options = { model: THROWS, input: fixture('types', 'throws.csv'), output: rules, fallback: { model: rules } } as const;
    await expect(score(options)).rejects.toMatchObject({ code: 'same-file' });
    expect(readFileSync(rules, 'utf8')).toBe(RULES);
  });
});
