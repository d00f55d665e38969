import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '#src/model/inspect.js';
import { ModelError } from '#src/errors/errors.js';
import { adviceFor } from '#src/cli/inspect/advice.js';
import { sampleCsv, sampleInput } from '#src/cli/inspect/sample.js';
import { inspectText } from '#src/cli/inspect/text.js';
import { splitPair } from '#src/cli/list.js';
import { shellPath, shellQuote } from '#src/cli/shell.js';
import { COMMAND, ROOT, scoreline, tempFolder } from '../support/command.js';
import { cli } from './world.js';

const FACTS: ModelFacts = {
  path: 'churn.onnx',
  sha256: 'ab'.repeat(32),
  sizeBytes: 4709,
  family: 'linear',
  inputs: [
    { name: 'age', type: 'float32', shape: ['', 1], kind: 'column', width: 1, categories: null },
    { name: 'evil\u001b[31m\nname', type: 'string', shape: ['N', 1], kind: 'column', width: 1, categories: ['no', 'so, so'] },
  ],
  outputs: [
    { name: 'label', type: 'string', shape: ['N'], role: 'label', classes: ['no', 'yes'] },
    { name: ' p', type: 'float32', shape: undefined, role: 'value', classes: undefined },
  ],
  fixedBatch: null,
  featureNames: null,
  classes: ['no', 'yes'],
  operators: [{ domain: 'ai.onnx.ml', name: 'LinearClassifier', count: 1 }, { domain: '', name: 'Cast', count: 2 }], // prettier-ignore
  opsets: [{ domain: '', version: 21 }],
  irVersion: 10,
  producer: { name: 'skl2onnx', version: '1.20.0' },
  domain: '',
  modelVersion: '0',
  doc: '',
  graphName: 'g',
  metadata: { team: 'risk' },
  zipMaps: [],
  knowledge: [
    { input: 'age', at: 0, mean: 38.581646, deviation: 13.640223, imputed: 37 },
    { input: 'evil\u001b[31m\nname', at: 0, categories: ['no', 'so, so'], imputed: 'no' },
  ],
  parameters: 232,
  rules: null,
};

const MATRIX: ModelFacts = {
  ...FACTS,
  path: 'my trees.onnx',
  inputs: [{ name: 'X', type: 'float32', shape: ['N', 4], kind: 'matrix', width: 4, categories: null }],
  knowledge: [
    { input: 'X', at: 0, thresholds: { min: 0.5, max: 0.5, count: 1 } },
    { input: 'X', at: 2, range: { min: -1, max: 1 / 3, from: 'clip' }, thresholds: { min: 1, max: 2, count: 7 } },
    { input: 'X', at: 3, range: { min: 0, max: 1000, from: 'scaler' } },
  ],
};
const world = (facts: ModelFacts) => ({ inspectModel: () => Promise.resolve(facts) });

describe('inspect for people', () => {
  it('is a table with everything of the model, control characters escaped', async () => {
    const { status, stdout, stderr } = await cli(['inspect', 'churn.onnx'], world(FACTS));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      [
        'Model     churn.onnx',
        'Family    linear',
        'Size      4.6 KB, 232 parameters',
        `sha256    ${FACTS.sha256}`,
        'Producer  skl2onnx 1.20.0',
        'Opset     ai.onnx 21',
        'Classes   no, yes',
        '',
        'Inputs (2)',
        '  name                type     shape   takes       missing',
        '  age                 float32  [?, 1]  one column  NaN',
        '  evil\\x1b[31m\\nname  string   [N, 1]  one column  empty text',
        '',
        'What it knows of its training data',
        '  column              mean     deviation  missing becomes  known values',
        '  age                 38.5816  13.6402    37',
        '  evil\\x1b[31m\\nname                      no               no, so, so',
        '',
        'Outputs (2)',
        '  name   type     shape  role   classes',
        '  label  string   [N]    label  no, yes',
        '  " p"   float32  any    value',
        '',
        'Operators',
        '  operator          domain      count',
        '  LinearClassifier  ai.onnx.ml  1',
        '  Cast              ai.onnx     2',
        '',
        'Metadata',
        '  key   value',
        '  team  risk',
        '',
        'To score',
        '  scoreline score -m churn.onnx data.csv -o scores.csv',
        '  The input is CSV with a header, or Arrow: its columns may stand in any order and among others. A small one to try: --sample-input sample.csv',
        "  Each input of one value a row is fed by the column of its name; where that is called otherwise: --bind $'evil\\x1b[31m\\x0aname=COLUMN'",
        '',
      ].join('\n'),
    );
  });

  it('names the columns of a matrix that it knows of by the order of the model, else by their place', () => {
    const shownOf = (facts: ModelFacts): string[] => inspectText(facts, undefined).split('What it knows of its training data\n')[1]?.split('\n\n')[0]?.split('\n') ?? [];
    expect(shownOf(MATRIX)).toEqual([
      '  column  range                      thresholds',
      '  X[0]                               1: 0.5',
      '  X[2]    -1 to 0.333333             7: 1 to 2',
      '  X[3]    0 to 1000 (if to 0 and 1)',
    ]);
    const named = shownOf({ ...MATRIX, featureNames: ['a', 'b', 'c', 'd'] }).slice(1);
    expect(named.map((line) => line.trim().split(' ')[0])).toEqual(['a', 'c', 'd']);
    expect(inspectText({ ...MATRIX, knowledge: [] }, undefined)).not.toContain('What it knows');
  }); // prettier-ignore

  it('fits the terminal, but cuts neither digest nor the line to paste', () => {
    const facts = { ...MATRIX, path: `${'long/'.repeat(20)}m.onnx`, classes: Array.from({ length: 100 }, (_, index) => `class ${index}`) };
    const long = inspectText(facts, 50).split('\n').filter((line) => line.length > 50); // prettier-ignore
    expect(long.every((line) => line.includes('long/') || line.includes(FACTS.sha256))).toBe(true);
    expect(inspectText(facts, 60)).toContain('class 11, … (100)');
  });

  it('does not flood the screen', () => {
    const inputs = Array.from(
      { length: 5000 },
      (_, index) => ({ name: `x${index}`, type: 'float32', shape: ['N', 1], kind: 'column', width: 1, categories: null }) as const,
    );
    expect(inspectText({ ...FACTS, inputs }, 80)).toContain('… and 4940 more (--json shows all)');
  });
});

describe('inspect for programs', () => {
  it('has every key, null where nothing is known', async () => {
    const { stdout } = await cli(['inspect', '-m', 'churn.onnx', '--json'], world(FACTS));
    const found = JSON.parse(stdout);
    expect(Object.keys(found)).toEqual([...Object.keys(FACTS), 'contract', 'score']);
    expect(found).toMatchObject({
      sha256: FACTS.sha256,
      featureNames: null,
      score: { line: 'scoreline score -m churn.onnx data.csv -o scores.csv' },
    });
    expect(found.outputs[1]).toEqual({ name: ' p', type: 'float32', shape: null, role: 'value', classes: null });
  });

  it('says which contract stands beside the model, for people and programs', async () => {
    const files = { 'churn.contract.json': '{}' };
    const { stdout: text } = await cli(['inspect', 'churn.onnx'], { ...world(FACTS), files });
    expect(text).toMatch(/^ *Contract +churn\.contract\.json$/m);
    expect(text).toContain('The contract churn.contract.json is read with the model');
    const matrix = { ...FACTS, featureNames: null, inputs: FACTS.inputs.map((input) => ({ ...input, kind: 'matrix' as const })) };
    const lines = [world(matrix), { ...world(matrix), files }].map(async (given) =>
      (await cli(['inspect', 'churn.onnx'], given)).stdout.includes('--features @features.txt'),
    );
    expect(await Promise.all(lines)).toEqual([true, false]); // what is printed can be pasted
    expect(JSON.parse((await cli(['inspect', 'churn.onnx', '--json'], { ...world(FACTS), files })).stdout)).toMatchObject({
      contract: 'churn.contract.json',
    });
    expect((await cli(['inspect', 'churn.onnx'], world(FACTS))).stdout).not.toContain('Contract');
  });
});

describe('a sample of the input', () => {
  it('has a value of each type, known ones where an encoder knows them, and quotes where they are needed', () => {
    const sample = sampleInput(FACTS);
    expect(sample.columns).toEqual(['id', 'age', 'evil\u001b[31m\nname']);
    expect(sampleCsv(sample).split('\n').slice(1)).toEqual(['name"', '1,0,no', '2,1,"so, so"', '3,0,no', '']);
    expect(sample.flags).toEqual([]);
  });

  it('gives the columns of a matrix names, and the flag that names them', () => {
    expect(sampleInput(MATRIX)).toMatchObject({
      columns: ['id', 'x1', 'x2', 'x3', 'x4'],
      flags: ['--contract', 'none', '--features', 'x1,x2,x3,x4'],
    });
    const texts = { input: 'X', at: 1, categories: ['u', 'v'] };
    expect(sampleInput({ ...MATRIX, knowledge: [texts] }).rows[1]).toEqual(['2', '1', 'v', '1', '1']);
    expect(sampleInput({ ...MATRIX, featureNames: ['a', 'id', 'c', 'd'] })).toMatchObject({ columns: ['id_2', 'a', 'id', 'c', 'd'], flags: [] });
  });

  it('of an input without a name, and of a matrix beside an input that is called like its column', () => {
    const inputs = [
      { ...FACTS.inputs[0]!, name: 'x1' },
      { ...MATRIX.inputs[0]!, width: null },
    ];
    expect(sampleInput({ inputs, featureNames: null, knowledge: [] })).toMatchObject({
      columns: ['id', 'x1', 'x1_2'],
      flags: ['--contract', 'none', '--features', 'x1_2'],
    });
  });

  it('goes to stdout alone', async () => {
    const { status, stdout } = await cli(['inspect', 'churn.onnx', '--sample-input', '-'], world(MATRIX));
    expect([status, stdout]).toEqual([0, 'id,x1,x2,x3,x4\n1,0,0,0,0\n2,1,1,1,1\n3,0,0,0,0\n']);
  });

  it('or to a file, which is not replaced, with the line that scores it', async () => {
    const path = join(tempFolder(), 'sample.csv');
    const { status, stdout } = await cli(['inspect', 'churn.onnx', '--sample-input', path], world(MATRIX));
    expect([status, readFileSync(path, 'utf8').slice(0, 15)]).toEqual([0, 'id,x1,x2,x3,x4\n']);
    expect(stdout).toContain(`\nThe sample\n  scoreline score -m 'my trees.onnx' --contract none --features x1,x2,x3,x4 ${path}\n`);
    expect(await cli(['inspect', 'churn.onnx', '--sample-input', path], world(MATRIX))).toMatchObject({ status: 73 });
  });

  const MODELS = readdirSync(join(ROOT, 'fixtures'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx') && !/lying|knowledge/.test(name)); // prettier-ignore
  it.each(MODELS)('of %s can be scored', async (name) => {
    const path = join(tempFolder(), 'sample.csv');
    const model = join(ROOT, 'fixtures', name);
    const shown = await scoreline(['inspect', model, '--sample-input', path]);
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    const line = shown.stdout.toString().trim().split('\n').at(-1) ?? '';
    const { status, stdout } = spawnSync('bash', ['-c', line.replace(/^ *scoreline/, `'${process.execPath}' '${COMMAND}'`)], { encoding: 'utf8' });
    expect([status, stdout.split('\n').length]).toEqual([0, 5]);
  });
});

describe('a model that cannot be read', () => {
  it('is an error like any other', async () => {
    const error = new ModelError('model-missing', "model 'x' does not exist", { status: 'missing' });
    expect(await cli(['inspect', 'x'], { inspectModel: () => Promise.reject(error) })).toMatchObject({ status: 66, stdout: '' });
  });
});

describe('the line to paste', () => {
  it('asks for an order where a matrix needs one, and only there', () => {
    expect(adviceFor(MATRIX).line).toBe("scoreline score -m 'my trees.onnx' --features @features.txt data.csv -o scores.csv");
    expect(adviceFor(MATRIX).notes[1]).toContain("features.txt names the 4 columns of 'X'");
    expect(adviceFor({ ...MATRIX, featureNames: ['a', 'b', 'c', 'd'] })).toEqual({
      line: "scoreline score -m 'my trees.onnx' data.csv -o scores.csv",
      notes: [expect.stringContaining('--sample-input'), 'The order of the columns is the one in the metadata of the model (feature_names).'],
    });
  });

  it('says how many rows a model is fixed to', () => {
    expect(adviceFor({ ...FACTS, fixedBatch: 3 }).notes.at(-1)).toContain('takes 3 rows at a time');
  });

  it('shows how to bind a name that needs quotes', () => {
    const inputs = [{ ...FACTS.inputs[0]!, name: 'a=b, "c"' }];
    const pair = /--bind (.+)$/.exec(adviceFor({ ...FACTS, inputs }).notes[1] ?? '')?.[1] ?? '';
    expect(splitPair(throughShell(pair))).toEqual(['a=b, "c"', 'COLUMN']);
  });
});

/** What bash makes of a word. */
function throughShell(word: string): string {
  return spawnSync('bash', ['-c', `printf %s ${word}`], { encoding: 'utf8' }).stdout;
}

describe('quoting for shells', () => {
  it.each(['plain', 'a b', "it's", '"', '$HOME', '`id`', 'a\nb', "a'\tb\\c", 'ü', '', '*', '~', '#x', '!x', 'e\u001b[31m', '\u0085x1'])(
    'bash reads %j back',
    (word) => {
      expect(throughShell(shellQuote(word))).toBe(word);
    },
  );

  it('leaves plain words as they are, and keeps paths from looking like flags', () => {
    expect([shellQuote('a/b.onnx'), shellPath('-x.onnx')]).toEqual(['a/b.onnx', './-x.onnx']);
  });
});
