import { describe, expect, test } from 'vitest';
import type { Contract } from '#src/contract/contract.js';
import type { DecoderSetup, FormatName } from '#src/format/format.js';
import { loadModel } from '#src/model/load.js';
import type { ScoreOptions } from '#src/run/options.js';
import { planChunkBytes, planRun, type Plan } from '#src/run/plan.js';
import { fixture } from '../support/command.js';

const csv: DecoderSetup = {
  format: 'csv',
  dialect: { delimiter: ';', quote: '"', escape: '"' },
  columns: 3,
  recordLimitBytes: 1 << 20,
  nullValues: undefined,
};

interface Given {
  readonly model?: string;
  readonly columns?: readonly string[];
  readonly options?: Partial<ScoreOptions>;
  readonly contract?: Partial<Contract>;
  readonly inputBytes?: number;
  readonly outputFormat?: FormatName;
  readonly decoder?: DecoderSetup;
}

async function plan({
  model = 'single',
  columns = ['id', 'x', 'note'],
  options = {},
  contract,
  inputBytes,
  outputFormat = 'csv',
  decoder = csv,
}: Given): Promise<Plan> {
  return planRun({
    options: { model: 'm', input: 'i', output: 'o', ...options },
    model: await loadModel(fixture('types', `${model}.onnx`)),
    contract:
      contract === undefined ? undefined : { version: 'scoreline.contract/1', path: 'c.json', sha256: '', model: { sha256: '' }, ...contract },
    schema: { format: decoder.format, columns: columns.map((name) => ({ name, type: decoder.format === 'csv' ? 'text' : 'float64' })) },
    decoder,
    outputFormat,
    inputBytes,
    chunkBytes: 1 << 20,
    machine: { cores: 4, memoryBytes: 8 * 2 ** 30 },
  });
}

describe('the plan of a run', () => {
  test('columns find their tensors by name, wherever they stand', async () => {
    const { layout, columns } = await plan({ columns: ['note', 'id', 'x'] });
    expect(layout.fields).toEqual([{ name: 'x', column: 2, tensor: 0, at: 0, type: 'float32', onMissing: { kind: 'nan' } }]);
    expect(columns).toEqual(['note', 'id', 'prediction']);
  });

  test('a matrix takes its columns in the order of the features, one offset each', async () => {
    const { layout } = await plan({ model: 'two-outputs', columns: ['f3', 'f1', 'f2'] });
    expect(layout.tensors).toEqual([{ type: 'float32', width: 3 }]);
    expect(layout.fields.map(({ name, column, at }) => [name, column, at])).toEqual([['f1', 1, 0], ['f2', 2, 1], ['f3', 0, 2]]); // prettier-ignore
  });

  test('what is missing: NaN in floats, "" in strings, a reject elsewhere, the value of a contract', async () => {
    const names = ['float', 'double', 'int64', 'int32', 'bool', 'string'];
    const kinds = (given: Plan) => given.layout.fields.map(({ name, onMissing }) => [name, onMissing.kind]);
    expect(kinds(await plan({ model: 'columns-mixed', columns: names }))).toEqual([['float', 'nan'], ['double', 'nan'], ['int64', 'reject'], ['int32', 'reject'], ['bool', 'reject'], ['string', 'empty']]); // prettier-ignore
    expect(kinds(await plan({ model: 'columns-mixed', columns: names, contract: { fillMissing: { int64: '0' } } }))[2]).toEqual(['int64', 'value']);
  });

  test.each<[ScoreOptions['keep'], Partial<Contract> | undefined, string[]]>([
    [undefined, undefined, ['id', 'note']],
    [undefined, { ids: ['id'] }, ['id']],
    ['unused', { ids: ['id'] }, ['id', 'note']],
    ['all', undefined, ['id', 'x', 'note']],
    ['none', undefined, []],
    [['note', 'x'], undefined, ['note', 'x']],
  ])('--keep %j with contract %j keeps %j', async (keep, contract, expected) => {
    const { layout } = await plan({ options: keep === undefined ? {} : { keep }, ...(contract === undefined ? {} : { contract }) });
    expect(layout.kept.map(({ name }) => name)).toEqual(expected);
  });

  test('one worker a core, no more than there are chunks; a pipe may be any size', async () => {
    const workers = async (inputBytes: number | undefined, options: Partial<ScoreOptions> = {}) =>
      (await plan({ ...(inputBytes === undefined ? {} : { inputBytes }), options })).workers;
    expect([
      await workers(0),
      await workers(100),
      await workers(3 << 20),
      await workers(1 << 30),
      await workers(undefined),
      await workers(100, { workers: 7 }),
    ]).toEqual([1, 1, 3, 4, 4, 7]);
  });

  test('a block has 2,048 rows, or what is asked for, or what the model takes', async () => {
    expect([(await plan({})).blockRows, (await plan({ options: { batchRows: 64 } })).blockRows]).toEqual([2048, 64]);
    const fixed = { model: 'fixed-batch', columns: ['f1', 'f2', 'f3'] };
    expect((await plan(fixed)).blockRows).toBe(4);
    await expect(plan({ ...fixed, options: { batchRows: 8 } })).rejects.toMatchObject({ code: 'fixed-batch', status: 64 });
  });

  test('a chunk is 1 MB, more for a wide table, and what is asked for', () => {
    expect([planChunkBytes(28, undefined), planChunkBytes(200, undefined), planChunkBytes(5000, undefined), planChunkBytes(28, 1000)]).toEqual([
      1 << 20,
      200 * 8 * 2048,
      8 << 20,
      1000,
    ]);
  });

  test('the output keeps the dialect of the input, and then copies bytes', async () => {
    expect((await plan({})).encoder).toMatchObject({ format: 'csv', dialect: { delimiter: ';' }, copyRaw: true });
    expect((await plan({ options: { outputDelimiter: '\t' } })).encoder).toMatchObject({ dialect: { delimiter: '\t' }, copyRaw: false });
    expect((await plan({ outputFormat: 'arrow' })).encoder).toMatchObject({ format: 'arrow', container: 'file', kept: [{ name: 'id', column: 0 }, { name: 'note', column: 2 }] }); // prettier-ignore
    expect((await plan({ decoder: { format: 'arrow', schema: new Uint8Array(8), nullValues: undefined } })).encoder).toMatchObject({
      format: 'csv',
      dialect: { delimiter: ',' },
      copyRaw: false,
    });
  });

  test.each<[string, Given, string, number]>([
    ['two columns of one name in the output', { columns: ['x', 'prediction'] }, 'name-clash', 64],
    ['a kept column that is not there', { options: { keep: ['nope'] } }, 'unknown-column', 64],
    ['ids without a contract', { options: { keep: 'ids' } }, 'no-ids', 78],
    ["a contract's id that is not there", { contract: { ids: ['key'] } }, 'unknown-id', 78],
    ['a filled-in value that does not fit', { contract: { fillMissing: { x: 'much' } } }, 'fill-invalid', 78],
    ['a column that is missing', { columns: ['id', 'y'] }, 'missing-column', 65],
  ])('refuses %s', async (_, given, code, status) => {
    await expect(plan(given)).rejects.toMatchObject({ code, status });
  });
});
