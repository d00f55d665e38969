import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { ElementArray, ElementType } from '#src/batch/element.js';
import { nullTexts, openFieldStore } from '#src/batch/store.js';
import { textWriter } from '#src/batch/text.js';
import { bindInputs } from '#src/model/bind.js';
import { chooseBlockRows, openScorer } from '#src/model/blocks.js';
import { observeWidths, openCollector } from '#src/model/collect.js';
import { layoutOf } from '#src/model/layout-of.js';
import { loadModel } from '#src/model/load.js';
import { openOrtSession, runtimeVersion } from '#src/model/ort-session.js';
import { planOutputs } from '#src/model/outputs.js';
import { writeModel } from '#src/model/onnx/read.js';
import { signatureOf } from '#src/model/signature-of.js';
import { silenceTelemetry } from '#src/model/telemetry.js';
import { graphOf, modelOf, node, value } from './onnx-maker.js';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'fixtures');

beforeAll(() => silenceTelemetry());

/** A CSV as rows of cells, header first. */
function cellsOf(csv: string): string[][] {
  return parse(csv);
}

/** Scores the columns of a CSV text by name and gives the result columns as text, and the rows at fault. */
async function score(model: string, csv: string, blockRows?: number, features?: readonly string[]) {
  const loaded = await loadModel(join(FIXTURES, model));
  const { signature } = loaded;
  const [header = [], ...records] = cellsOf(csv);
  const binding = bindInputs({ signature, columns: header, ...(features === undefined ? {} : { features }) });
  const layout = layoutOf(binding, []);
  const batch = new Batch(layout);
  batch.reset(records.length);
  const stores = layout.fields.map((field) => openFieldStore(field, batch.tensors[field.tensor]!, nullTexts()));
  for (const record of records) {
    layout.fields.forEach((field, index) => expect(stores[index]!.text(batch.rows, record[field.column] ?? '')).toMatch(/stored|missing/));
    batch.accept();
  }
  const session = await openOrtSession(loaded.bytes, signature, { threads: 1 });
  const scorer = openScorer(session, binding, {
    blockRows: chooseBlockRows(signature, binding, blockRows),
    fixedBatch: signature.fixedBatch !== undefined,
  });
  const observer = observeWidths(signature);
  const collector = openCollector(planOutputs(signature));
  collector.start(batch.rows);
  const bad = await scorer.score(batch, collector);
  if (bad.size === 0) await scorer.score(batch, observer);
  await session.close();
  const columns = collector.finish().map(({ field, values }) => {
    const write = textWriter(field.type);
    return { name: field.name, cells: Array.from({ length: batch.rows }, (_, row) => write(values, row)) };
  });
  return { columns, bad, widths: observer.widths(), signature };
}

interface Expected {
  readonly outputs: readonly { readonly name: string; readonly rows: readonly (readonly string[])[] }[];
}

describe('every type and shape gives what ONNX Runtime gives in Python', () => {
  const names = readdirSync(join(FIXTURES, 'types')).filter((name) => name.endsWith('.onnx')).map((name) => name.slice(0, -5)); // prettier-ignore
  const csv = readFileSync(join(FIXTURES, 'types/types.csv'), 'utf8');

  test.each(names)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(join(FIXTURES, `types/expected/${name}.json`), 'utf8')) as Expected;
    for (const blockRows of [4, 2048]) {
      const { columns, bad, widths } = await score(`types/${name}.onnx`, csv, blockRows);
      expect(bad.size).toBe(0);
      const cells = expected.outputs.flatMap(({ rows }) => (rows[0] ?? []).map((_, column) => rows.map((row) => row[column])));
      expect(columns.map((column) => column.cells)).toEqual(cells);
      expect(widths).toEqual(Object.fromEntries(expected.outputs.map((output) => [output.name, output.rows[0]?.length])));
    }
  });
});

describe('every element type goes in and out, [N] and [N,2]', () => {
  test.each<[number, ElementType, ElementArray]>([
    [1, 'float32', Float32Array.of(0.5, NaN, -0, Infinity)], [2, 'uint8', Uint8Array.of(0, 1, 2, 255)], [3, 'int8', Int8Array.of(-128, 0, 1, 127)],
    [4, 'uint16', Uint16Array.of(0, 1, 2, 65535)], [5, 'int16', Int16Array.of(-32768, 0, 1, 32767)], [6, 'int32', Int32Array.of(-(2 ** 31), 0, 1, 2 ** 31 - 1)],
    [7, 'int64', BigInt64Array.of(-(2n ** 63n), 0n, 9007199254740993n, 2n ** 63n - 1n)], [8, 'string', ['', 'a,b', 'ü😀', 'x\ny']], [9, 'bool', Uint8Array.of(0, 1, 1, 0)],
    [10, 'float16', Uint16Array.of(0x3c00, 0x7c00, 0xfc00, 0x2e66)], [11, 'float64', Float64Array.of(5e-324, NaN, -0, 1e308)], [12, 'uint32', Uint32Array.of(0, 1, 2, 2 ** 32 - 1)],
    [13, 'uint64', BigUint64Array.of(0n, 1n, 2n, 2n ** 64n - 1n)],
  ])('%i is %s', async (number, type, values) => {
    for (const [shape, dims] of [[[''], [4]], [['', 2], [2, 2]]] as const) {
      const graph = graphOf({ node: [node('Identity', ['__proto__'], ['Y'])], input: [value('__proto__', number, [...shape])], output: [value('Y', number, [...shape])] });
      const signature = signatureOf({ proto: modelOf(graph), graph }, [], 'made.onnx');
      const session = await openOrtSession(writeModel(modelOf(graph)), signature, { threads: 1 });
      expect(await session.run([{ type, dims, values }])).toEqual([{ type, dims, values }]);
      await session.close();
    }
  }); // prettier-ignore
});

describe('rows that make the runtime throw', () => {
  const csv = readFileSync(join(FIXTURES, 'types/throws.csv'), 'utf8');

  test.each([['throws', 2, '20'], ['throws-on-string', 3, '0']])('%s', async (name, row) => {
    const { bad, columns } = await score(`types/${name}.onnx`, csv);
    expect([...bad.keys()]).toEqual([row]);
    expect(bad.get(row)).toMatch(/^[^\n]+$/);
    expect(bad.get(row)).not.toMatch(/\/onnxruntime|-?\d{2,}/);
    expect(columns[0]?.cells.length).toBe(5);
  }); // prettier-ignore
});

describe('a session', () => {
  test('classes come with their probabilities', async () => {
    const csv = readFileSync(join(FIXTURES, 'adult/adult.csv'), 'utf8').split('\r\n').slice(0, 200).join('\n'); // prettier-ignore
    const { columns } = await score('adult/adult.onnx', csv);
    const expected = cellsOf(readFileSync(join(FIXTURES, 'adult/adult.onnxruntime.csv'), 'utf8')).slice(0, 200);
    expect(columns.map(({ name }) => name)).toEqual(expected[0]);
    expect(columns[0]?.cells).toEqual(expected.slice(1).map(([label]) => label));
    const difference = columns[1]!.cells.map((cell, row) => Math.abs(Number(cell) - Number(expected[row + 1]?.[1])));
    expect(Math.max(...difference)).toBeLessThan(1e-6);
  });

  test('a model that the runtime does not take', async () => {
    const loaded = await loadModel(join(FIXTURES, 'types/single.onnx'));
    const broken = loaded.bytes.slice();
    const at = Buffer.from(broken).indexOf('Mul');
    expect(at).toBeGreaterThan(0);
    broken.set(Buffer.from('Mux'), at);
    await expect(openOrtSession(broken, loaded.signature, { threads: 1 })).rejects.toMatchObject({
      code: 'model-load',
      status: 69,
      message: expect.stringMatching(/^the model cannot be loaded: [^\n]*Mux[^\n]*$/),
    });
  });

  test('names its version', () => expect(runtimeVersion()).toBe('1.30.0'));

  test('says nothing on stderr, not even of a declared shape that is wrong', () => {
    const script = `
      import { silenceTelemetry } from '#src/model/telemetry.js';
      import { loadModel } from '#src/model/load.js';
      import { openOrtSession } from '#src/model/ort-session.js';
      silenceTelemetry();
      const { bytes, signature } = await loadModel('fixtures/diamonds/diamonds.onnx');
      const session = await openOrtSession(bytes, signature, { threads: 1 });
      const [label] = await session.run([{ type: 'float32', dims: [3, 7], values: new Float32Array(21) }]);
      console.log(label.dims.join());
      await session.close();`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect([stdout, stderr]).toEqual(['3\n', '']);
  });
});

describe('telemetry', () => {
  const inWorker = (env: Record<string, string>): Promise<string> => {
    const code = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(join(ROOT, 'dist/model/telemetry.js'))})
        .then(({ silenceTelemetry }) => silenceTelemetry())
        .then(() => parentPort.postMessage('silent'), (error) => parentPort.postMessage(error.code + ' ' + error.status));`;
    return new Promise((resolve, reject) => {
      const worker = new Worker(code, { eval: true, env });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  };

  test('is switched off on the main thread; a worker of a host is refused unless it was before', async () => {
    expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1');
    expect(await inWorker({})).toBe('telemetry 64');
    expect(await inWorker({ ORT_DISABLE_TELEMETRY: '0' })).toBe('telemetry 64');
    expect(await inWorker({ ORT_DISABLE_TELEMETRY: '1' })).toBe('silent');
  });

  test('the runtime is not loaded without it', () => {
    const script =
      "import { openOrtSession } from '#src/model/ort-session.js'; await openOrtSession(new Uint8Array(), {}, { threads: 1 }).catch((e) => console.log(e.code));";
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8', env: {} }).stdout).toBe('defect\n');
  });
});
