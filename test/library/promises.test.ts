import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ContractError, ModelError, score, UsageError, type ScoreOptions } from '#src/index.js';
import { graphOf, modelOf, node, constant, value } from '../model/onnx-maker.js';
import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type GraphProto } from '#src/model/onnx/onnx_pb.js';
import { fixture, tempFolder } from '../support/command.js';

/** Writes a model (and a contract for it) into a folder; gives its path. */
function writeModel(folder: string, graph: GraphProto, contract?: object): string {
  const path = join(folder, 'm.onnx');
  const bytes = toBinary(ModelProtoSchema, modelOf(graph));
  writeFileSync(path, bytes);
  if (contract !== undefined) writeContract(join(folder, 'm.contract.json'), bytes, contract);
  return path;
}

function writeContract(path: string, model: Uint8Array, contract: object): void {
  writeFileSync(
    path,
    JSON.stringify({ version: 'scoreline.contract/1', model: { sha256: createHash('sha256').update(model).digest('hex') }, ...contract }),
  );
}

async function scoreText(
  text: string,
  options: Omit<ScoreOptions, 'input' | 'output'>,
): Promise<{ text: string; summary: Awaited<ReturnType<typeof score>> }> {
  const output = new PassThrough();
  const pieces: Buffer[] = [];
  output.on('data', (piece: Buffer) => pieces.push(piece));
  const summary = await score({ ...options, input: Readable.from(text), output });
  return { text: Buffer.concat(pieces).toString(), summary };
}

/** label = round(x), probabilities = [x, 1 - x]: the label always contradicts them. NaN gives NaN. */
const contrary = graphOf({
  input: [value('x', 1, ['', 1])],
  output: [value('label', 7, ['', 1]), value('p', 1, ['', 2])],
  initializer: [constant('one', [1])],
  node: [node('Round', ['x'], ['r']), node('Cast', ['r'], ['label'], [['to', 7n]]), node('Sub', ['one', 'x'], ['q']), node('Concat', ['x', 'q'], ['p'], [['axis', 1n]])],
}); // prettier-ignore

describe('labels', () => {
  test('labels that contradict their probabilities are counted, however the input is cut', async () => {
    const model = writeModel(tempFolder(), contrary, { classes: ['no', 'yes'] });
    const text = `x\n${Array.from({ length: 300 }, (_, row) => `${(row % 10) / 10}\n`).join('')}`;
    const count = 300 - 30; // only 0.5 is even: its label, by rounding half to even, is 0, and a tie is no contradiction
    for (const cut of [{ chunkBytes: 1 << 20, workers: 1 }, { chunkBytes: 20, workers: 2 }, { chunkBytes: 100, workers: 1 }]) {
      const { summary } = await scoreText(text, { model, batchRows: 16, ...cut });
      expect(summary.warnings).toEqual([expect.objectContaining({ code: 'label-contradiction', count })]);
    }
  }); // prettier-ignore

  test('a class that would be decided from NaN is a reject', async () => {
    const model = writeModel(tempFolder(), contrary, { classes: ['no', 'yes'] });
    const { text, summary } = await scoreText('x\n0.25\n\n1\n', { model, label: 'argmax', maxRejects: { kind: 'rows', rows: 1 } });
    expect(text).toBe('prediction,probability_no,probability_yes\nyes,0.25,0.75\nno,1,0\n');
    expect(summary.rejectedByCode).toEqual({ undecided: 1 });
  });

  test('a written NaN whose row is rejected was not missing, and leaves the count of missing values at 0', async () => {
    const folder = tempFolder();
    const [model, journal] = [writeModel(folder, contrary, { classes: ['no', 'yes'] }), join(folder, 'journal.jsonl')];
    const options = { model, journal, label: 'argmax', nullValues: ['none'], maxRejects: { kind: 'rows', rows: 1 } } as const;
    const { summary } = await scoreText('x\n0.25\nnan\n1\n', options);
    expect(summary.rejectedByCode).toEqual({ undecided: 1 });
    expect(readFileSync(journal, 'utf8')).not.toContain('4294967295');
    expect(readFileSync(journal, 'utf8')).not.toContain('"missing":[{');
  });

  test("a contract may not call the model's own labels otherwise", async () => {
    const folder = tempFolder();
    const contract = join(folder, 'c.json');
    const model = fixture('adult', 'adult-forest.onnx');
    writeContract(contract, readFileSync(model), { classes: ['>50K', '<=50K'] });
    const run = score({ model, contract, input: fixture('arrow', 'adult-head.csv'), output: new PassThrough() });
    await expect(run).rejects.toBeInstanceOf(ContractError);
    await expect(run).rejects.toMatchObject({ code: 'class-contradiction', status: 78 });
  });

  test('golden rows hold whatever the command line prefers', async () => {
    const options = { model: fixture('adult', 'adult.onnx'), input: fixture('arrow', 'adult-head.csv'), journal: false } as const;
    for (const preference of [{ threshold: 0.05 }, { label: 'argmax' }, { threshold: 0.9, positiveClass: '<=50K', prefix: 'm_' }] as const) {
      const { scored } = await score({ ...options, ...preference, output: new PassThrough().resume() });
      expect(scored).toBe(500);
    }
  });

  test('--positive-class means nothing without a threshold', async () => {
    const run = score({
      model: fixture('adult', 'adult-forest.onnx'),
      input: fixture('arrow', 'adult-head.csv'),
      output: new PassThrough(),
      positiveClass: '>50K',
    });
    await expect(run).rejects.toMatchObject({ code: 'conflicting-options', status: 64 });
  });
});

describe('outputs whose width nothing declares', () => {
  const undeclared = graphOf({ input: [value('x', 1, ['', 1])], output: [value('y', 1)], node: [node('Concat', ['x', 'x'], ['y'], [['axis', 1n]])] });

  test('are looked at on the first row that can be scored, however the input is cut', async () => {
    const model = writeModel(tempFolder(), undeclared);
    const options = { model, maxRejects: { kind: 'rows', rows: 9 } } as const;
    for (const chunkBytes of [1, 1 << 20]) expect((await scoreText('x\nbad\nworse\n3\n', { ...options, chunkBytes })).text).toBe('y_0,y_1\n3,3\n');
    for (const chunkBytes of [1, 1 << 20]) expect((await scoreText('x\nbad\n', { ...options, chunkBytes })).text).toBe('prediction\n');
    expect((await scoreText('x\n', { ...options, allowEmpty: true })).text).toBe('prediction\n');
    await expect(scoreText('x\n', options)).rejects.toMatchObject({ code: 'no-rows' });
  });
});

describe('what is said is so', () => {
  test('an error of a worker is of its class', async () => {
    const folder = tempFolder();
    const contract = join(folder, 'c.json');
    writeContract(contract, readFileSync(fixture('types', 'single.onnx')), { golden: [{ row: { x: '1' }, expect: { prediction: 4 } }] });
    const run = score({ model: fixture('types', 'single.onnx'), contract, input: Readable.from('x\n1\n'), output: new PassThrough() });
    await expect(run).rejects.toBeInstanceOf(ModelError);
  });

  test('a journal that fails at the end does not deny what was published', async () => {
    const folder = tempFolder();
    const journals = join(folder, 'journals');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(journals);
    const run = score({
      model: fixture('types', 'single.onnx'),
      input: Readable.from('x\n1\n'),
      output: new PassThrough().resume(),
      journal: join(journals, 'j.jsonl'),
      onProgress: () => rmSync(journals, { recursive: true }),
    });
    await expect(run).rejects.toMatchObject({ code: 'commit-not-recorded', status: 74, message: expect.stringContaining('was published') as string });
  });

  test('a file whose PREPARE cannot be written is not published', async () => {
    const folder = tempFolder();
    const journals = join(folder, 'journals');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(journals);
    const output = join(folder, 'scores.csv');
    const run = score({
      model: fixture('types', 'single.onnx'),
      input: Readable.from('x\n1\n'),
      output,
      journal: join(journals, 'j.jsonl'),
      onProgress: () => rmSync(journals, { recursive: true }),
    });
    await expect(run).rejects.toMatchObject({ code: 'journal-folder-missing', status: 73 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a callback that throws is the fault of its owner', async () => {
    const cause = new Error('mine');
    const run = score({ model: fixture('types', 'single.onnx'), input: Readable.from('x\n1\n'), output: new PassThrough(), onProgress: () => { throw cause; } }); // prettier-ignore
    await expect(run).rejects.toBeInstanceOf(UsageError);
    await expect(run).rejects.toMatchObject({ code: 'callback-failed', cause });
  });

  test('a clean run removes the rejects of the one before, also where they were named', async () => {
    const folder = tempFolder();
    const rejects = join(folder, 'named.csv');
    const options = {
      model: fixture('types', 'single.onnx'),
      output: join(folder, 'o.csv'),
      rejects,
      maxRejects: { kind: 'rows', rows: 1 },
    } as const;
    await score({ ...options, input: Readable.from('x\n1\ntwo\n') });
    expect(existsSync(rejects)).toBe(true);
    await score({ ...options, input: Readable.from('x\n1\n2\n') });
    expect(existsSync(rejects)).toBe(false);
  });

  test('a column is kept once', async () => {
    const run = score({ model: fixture('types', 'single.onnx'), input: Readable.from('id,x\na,1\n'), output: new PassThrough(), keep: ['id', 'id'] });
    await expect(run).rejects.toMatchObject({ code: 'duplicate-column', status: 64 });
  });

  test('--no-clobber leaves what is there; a state folder keeps the journal', async () => {
    const folder = tempFolder();
    const output = join(folder, 'o.csv');
    const state = tempFolder();
    const options = { model: fixture('types', 'single.onnx'), output, stateDir: state } as const;
    await score({ ...options, input: Readable.from('x\n1\n') });
    await expect(score({ ...options, input: Readable.from('x\n2\n'), noClobber: true })).rejects.toMatchObject({ code: 'output-exists', status: 73 });
    expect(readFileSync(output, 'utf8')).toBe('prediction\n3\n');
    expect(readdirSync(folder)).toEqual(['o.csv']);
    expect(readdirSync(state).filter((name) => /^o\.csv\.[0-9a-f]{16}\.journal\.jsonl$/.test(name)).length).toBe(1);
  });
});
