import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '#src/model/inspect.js';
import { ModelError } from '#src/errors/errors.js';
import { adviceFor } from '#src/cli/inspect/advice.js';
import { inspectText } from '#src/cli/inspect/text.js';
import { splitPair } from '#src/cli/list.js';
import { shellPath, shellQuote } from '#src/cli/shell.js';
import { cli } from './world.js';

const FACTS: ModelFacts = {
  path: 'churn.onnx',
  sha256: 'ab'.repeat(32),
  sizeBytes: 4709,
  family: 'linear',
  inputs: [
    { name: 'age', type: 'float32', shape: ['', 1], kind: 'column', width: 1 },
    { name: 'evil\u001b[31m\nname', type: 'string', shape: ['N', 1], kind: 'column', width: 1 },
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
  parameters: 232,
};

const MATRIX: ModelFacts = { ...FACTS, path: 'my trees.onnx', inputs: [{ name: 'X', type: 'float32', shape: ['N', 4], kind: 'matrix', width: 4 }] };
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
        '  name                type     shape   takes',
        '  age                 float32  [?, 1]  one column',
        '  evil\\x1b[31m\\nname  string   [N, 1]  one column',
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
        "  Each input of one value a row is fed by the column of its name; where that is called otherwise: --bind $'evil\\x1b[31m\\x0aname=COLUMN'",
        '',
      ].join('\n'),
    );
  });

  it('fits the terminal, but cuts neither digest nor the line to paste', () => {
    const facts = { ...MATRIX, path: `${'long/'.repeat(20)}m.onnx`, classes: Array.from({ length: 100 }, (_, index) => `class ${index}`) };
    const long = inspectText(facts, 50).split('\n').filter((line) => line.length > 50); // prettier-ignore
    expect(long.every((line) => line.includes('long/') || line.includes(FACTS.sha256))).toBe(true);
    expect(inspectText(facts, 60)).toContain('class 11, … (100)');
  });

  it('does not flood the screen', () => {
    const inputs = Array.from(
      { length: 5000 },
      (_, index) => ({ name: `x${index}`, type: 'float32', shape: ['N', 1], kind: 'column', width: 1 }) as const,
    );
    expect(inspectText({ ...FACTS, inputs }, 80)).toContain('… and 4940 more (--json shows all)');
  });
});

describe('inspect for programs', () => {
  it('has every key, null where nothing is known', async () => {
    const { stdout } = await cli(['inspect', '-m', 'churn.onnx', '--json'], world(FACTS));
    const found = JSON.parse(stdout);
    expect(Object.keys(found)).toEqual([...Object.keys(FACTS), 'score']);
    expect(found).toMatchObject({
      sha256: FACTS.sha256,
      featureNames: null,
      score: { line: 'scoreline score -m churn.onnx data.csv -o scores.csv' },
    });
    expect(found.outputs[1]).toEqual({ name: ' p', type: 'float32', shape: null, role: 'value', classes: null });
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
    expect(adviceFor(MATRIX).notes[0]).toContain("features.txt names the 4 columns of 'X'");
    expect(adviceFor({ ...MATRIX, featureNames: ['a', 'b', 'c', 'd'] })).toEqual({
      line: "scoreline score -m 'my trees.onnx' data.csv -o scores.csv",
      notes: ['The order of the columns is the one in the metadata of the model (feature_names).'],
    });
  });

  it('says how many rows a model is fixed to', () => {
    expect(adviceFor({ ...FACTS, fixedBatch: 3 }).notes.at(-1)).toContain('takes 3 rows at a time');
  });

  it('shows how to bind a name that needs quotes', () => {
    const inputs = [{ ...FACTS.inputs[0]!, name: 'a=b, "c"' }];
    const pair = /--bind (.+)$/.exec(adviceFor({ ...FACTS, inputs }).notes[0] ?? '')?.[1] ?? '';
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
