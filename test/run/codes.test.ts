import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';
import { loadContract } from '#src/contract/load.js';
import type { DecoderSetup } from '#src/format/format.js';
import { codeStrings } from '#src/model/codes/code-strings.js';
import { loadModel } from '#src/model/load.js';
import { silenceTelemetry } from '#src/model/telemetry.js';
import { chooseCodes } from '#src/run/choose-codes.js';
import { Closers } from '#src/run/closers.js';
import { lookahead } from '#src/run/lookahead.js';
import { planRun } from '#src/run/plan.js';
import { Pool } from '#src/run/pool.js';
import { startPool } from '#src/run/proven-pool.js';
import type { WorkerSetup } from '#src/run/protocol.js';
import { codedSetup, workerSetup } from '#src/run/worker-setup.js';
import { fixture, tempFolder } from '../support/command.js';
import '../support/warm.js';

beforeAll(() => silenceTelemetry());

interface Scored {
  readonly output: string;
  readonly rejects: string | undefined;
  readonly strings: unknown;
  /** What the journal says of the rows and columns. */
  readonly seen: unknown;
}

async function scored(options: Partial<ScoreOptions> & Pick<ScoreOptions, 'model' | 'input' | 'stringCodes'>): Promise<Scored> {
  const output = join(tempFolder(), 'out.csv');
  await score({ output, outputFormat: 'csv', maxRejects: { kind: 'share', share: 1 }, workers: 1, ...options });
  const lines = readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n');
  const { rows, missing, ranges, predictions, strings } = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
  const rejects = output.replace('.csv', '.csv.rejects.csv');
  return { output: readFileSync(output, 'utf8'), rejects: existsSync(rejects) ? readFileSync(rejects, 'utf8') : undefined, strings, seen: { rows, missing, ranges, predictions } };
} // prettier-ignore

/** By numbers and by texts: the same bytes, rejects and journal; gives what they were. */
async function sameBothWays(options: Omit<Parameters<typeof scored>[0], 'stringCodes'>, inputs: number): Promise<Scored> {
  const texts = await scored({ ...options, stringCodes: 'never' });
  const codes = await scored({ ...options, stringCodes: 'always' });
  expect(texts.strings).toEqual({ inputs, coded: 0, proof: null });
  expect(codes.strings).toEqual({ inputs, coded: inputs, proof: 'equal' });
  expect({ ...codes, strings: undefined }).toEqual({ ...texts, strings: undefined });
  return codes;
}

const strings = (name: string): string => fixture('strings', name);

describe('strings as numbers give what strings give, to the last byte', () => {
  test.each([['adult/adult', 8], ['adult/adult-forest', 8]])('%s', async (model, inputs) => {
    await sameBothWays({ model: fixture(`${model}.onnx`), input: fixture('arrow/adult-head.csv'), chunkBytes: 20_000 }, inputs);
  }); // prettier-ignore

  test.each(['one-hot', 'imputed-constant', 'imputed-frequent', 'ordinal'])('unseen, empty, blank and long values: %s', async (name) => {
    const { seen } = await sameBothWays({ model: strings(`${name}.onnx`), input: strings('strings.csv') }, 3);
    expect(seen).toMatchObject({ rows: { in: 300, scored: 300 } });
  });

  test.each(['matrix', 'matrix-ordinal'])('columns of one matrix: %s', async (name) => {
    await sameBothWays({ model: strings(`${name}.onnx`), input: strings('strings.csv'), features: ['color', 'shade', 'side'] }, 1);
  });

  test('rows that the encoder does not take are rejected with the same words, and are missing nowhere', async () => {
    const { seen, rejects } = await sameBothWays({ model: strings('one-hot-strict.onnx'), input: strings('strings.csv') }, 3);
    expect(rejects).toContain('Unknown Category');
    expect(seen).not.toMatchObject({ rows: { rejected: 0 } });
  });

  test('null values and what a contract gives for them', async () => {
    const folder = tempFolder();
    const model = join(folder, 'm.onnx');
    copyFileSync(strings('imputed-constant.onnx'), model);
    const { sha256 } = await loadModel(model);
    writeFileSync(join(folder, 'm.contract.json'), JSON.stringify({ version: 'scoreline.contract/1', model: { sha256 }, fillMissing: { shade: 'green', color: 'never seen' } }));
    expect(await loadContract(undefined, model, sha256)).toBeDefined();
    const { seen } = await sameBothWays({ model, input: strings('strings.csv'), nullValues: ['NA', 'red'] }, 3);
    expect(seen).toMatchObject({ missing: [{ column: 'color' }, { column: 'shade' }] });
  }); // prettier-ignore

  test.each(['adult-head.arrows', 'adult-head-replaced.arrows'])('dictionaries of Arrow: %s', async (name) => {
    await sameBothWays({ model: fixture('adult/adult.onnx'), input: fixture('arrow', name) }, 8);
  });

  test('numbers of a typed source are the texts that they are written as', async () => {
    // california-head has no column of the model's names: numbers stand where texts are read
    const options = { model: strings('one-hot.onnx'), input: fixture('arrow/california-head.arrow') };
    const bind = { color: 'housing_median_age', shade: 'total_bedrooms', side: 'ocean_proximity', x: 'median_income', y: 'latitude' };
    await sameBothWays({ ...options, bind }, 3);
  });

  test('random tables, in any chunks and blocks', async () => {
    const word = fc.oneof(fc.constantFrom('red', 'green', ' padded', 'héllo', '日本', '', 'NA', 'u', 'v', ' ', 'x'.repeat(40)), fc.string({ unit: 'grapheme', maxLength: 5 }));
    const cell = word.map((text) => `"${text.replaceAll('"', '""')}"`);
    const row = fc.tuple(cell, cell, cell, fc.float({ noNaN: true, noDefaultInfinity: true, min: -9, max: 9 }), fc.constantFrom('', '1', 'x'));
    const settings = fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 60 }), chunkBytes: fc.constantFrom(64, 1000, 1 << 20), batchRows: fc.constantFrom(1, 7, 64), model: fc.constantFrom('one-hot', 'one-hot-strict', 'imputed-frequent', 'ordinal') });
    await fc.assert(
      fc.asyncProperty(settings, async ({ rows, chunkBytes, batchRows, model }) => {
        const input = join(tempFolder(), 'in.csv');
        writeFileSync(input, `color,shade,side,x,y\n${rows.map((cells) => cells.join(',')).join('\n')}\n`);
        const options = { model: strings(`${model}.onnx`), input, chunkBytes, batchRows };
        const texts = await scored({ ...options, stringCodes: 'never' });
        const codes = await scored({ ...options, stringCodes: 'always' });
        expect({ ...codes, strings: undefined }).toEqual({ ...texts, strings: undefined });
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 12) },
    );
  }, 120_000); // prettier-ignore
});

describe('strings stay strings', () => {
  test('where the input is small, unless asked for', async () => {
    const { strings: said } = await scored({ model: fixture('adult/adult.onnx'), input: fixture('arrow/adult-head.csv'), stringCodes: 'auto' });
    expect(said).toEqual({ inputs: 8, coded: 0, proof: null });
  });

  test.each([[undefined, 'equal'], [50, null]])('of a pipe where rows trickle in, not of one of unknown size (--flush-ms %s)', async (flushMs, proof) => {
    const input = Readable.from([readFileSync(strings('strings.csv'))]);
    const { strings: said } = await scored({ model: strings('one-hot.onnx'), input, stringCodes: 'auto', ...(flushMs === undefined ? {} : { flushMs }) });
    expect(said).toEqual({ inputs: 3, coded: proof === null ? 0 : 3, proof });
  }); // prettier-ignore

  test('of a model so large that a second session of it would take the memory of the first', async () => {
    const model = await loadModel(strings('one-hot.onnx'));
    const options = { model: 'm', input: 'i', output: 'o' };
    const isCoded = (sizeBytes: number): boolean => chooseCodes(options, { ...model, sizeBytes }, 1e9) !== undefined;
    expect([isCoded(64 << 20), isCoded((64 << 20) + 1)]).toEqual([true, false]);
  });

  test('where the model writes them out again', async () => {
    const { strings: said } = await scored({ model: fixture('types/string-out.onnx'), input: fixture('types/types.csv'), stringCodes: 'always' });
    expect(said).toEqual({ inputs: 1, coded: 0, proof: null });
  });

  test('where the first chunk has no row to prove it on', async () => {
    const input = join(tempFolder(), 'in.csv');
    writeFileSync(input, `color,shade,side,x,y\n${'red,red,u,no number,1\n'.repeat(10)}${'red,red,u,1,1\n'.repeat(5)}`);
    const options = { model: strings('one-hot.onnx'), input, chunkBytes: 100 };
    const found = await scored({ ...options, stringCodes: 'always' });
    expect(found.strings).toEqual({ inputs: 3, coded: 0, proof: 'different' });
    expect(found.output).toBe((await scored({ ...options, stringCodes: 'never' })).output);
  });
});

describe('the proof on the first rows', () => {
  const decoder: DecoderSetup = { format: 'csv', dialect: { delimiter: ',', quote: '"', escape: '"' }, columns: 6, recordLimitBytes: 1 << 20, nullValues: undefined };
  const columns = ['id', 'color', 'shade', 'side', 'x', 'y'];

  async function prove(spoil: (setup: WorkerSetup) => Partial<WorkerSetup>): Promise<{ proof: string; runs: 'codes' | 'texts' }> {
    const model = await loadModel(strings('one-hot.onnx'));
    const options = { model: 'm', input: 'i', output: 'o' };
    const schema = { format: 'csv' as const, columns: columns.map((name) => ({ name, type: 'text' })) };
    const plan = planRun({ options, model, contract: undefined, schema, decoder, outputFormat: 'csv', inputBytes: undefined, chunkBytes: 1 << 20, machine: { cores: 1, memoryBytes: 2 ** 34 } });
    const texts = workerSetup({ options, model, contract: undefined, plan, decoder });
    const coding = codeStrings(model.bytes).model;
    if (coding === undefined) throw new Error('the model was not coded');
    const coded = { ...texts, ...codedSetup(texts, coding) };
    const bytes = readFileSync(strings('strings.csv'));
    const chunks = lookahead((function* () {
      yield { index: 0, bytes: Uint8Array.from(bytes.subarray(bytes.indexOf('\n') + 1)), offset: 0 };
    })() as never);
    const closers = new Closers();
    try {
      const starting = startPool(await closers.add(new Pool()), { workers: 1, texts, coded: { ...coded, ...spoil(coded) }, closers });
      const { pool, proof } = await starting.ready(chunks as never);
      const chunk = await chunks.first();
      const result = await pool.run(chunk as never);
      expect(result.scored).toBe(300);
      return { proof, runs: proof === 'equal' ? 'codes' : 'texts' };
    } finally {
      await closers.closeAll();
    }
  }

  test('holds for the graph that is equal', async () => {
    expect(await prove(() => ({}))).toEqual({ proof: 'equal', runs: 'codes' });
  });

  test.each<[string, (setup: WorkerSetup) => Partial<WorkerSetup>]>([
    ['two texts stand for each other', ({ layout }) => ({ layout: { ...layout, tensors: layout.tensors.map((shape) => (shape.codes === undefined ? shape : { ...shape, codes: [shape.codes[1] ?? '', shape.codes[0] ?? '', ...shape.codes.slice(2)] })) } })],
    ['the numbers are those of another column', ({ layout }) => ({ layout: { ...layout, tensors: layout.tensors.map((shape, index) => ({ ...shape, ...(index === 2 ? { codes: layout.tensors[0]?.codes ?? [] } : {}) })) } })],
    ['the graph cannot be loaded', () => ({ modelBytes: new Uint8Array(9) })],
    ['the graph is another', () => ({ modelBytes: readFileSync(strings('ordinal.onnx')) })],
  ])('fails, and the model itself scores, where %s', async (_, spoil) => {
    expect(await prove(spoil)).toEqual({ proof: 'different', runs: 'texts' });
  });
}); // prettier-ignore
