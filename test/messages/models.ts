import { create, toBinary } from '@bufbuild/protobuf';
import { truncateSync, writeFileSync } from 'node:fs';
import { Batch } from '#src/batch/batch.js';
import { layoutOf } from '#src/model/layout-of.js';
import type { Binding } from '#src/model/bind.js';
import { openScorer } from '#src/model/blocks.js';
import { openCollector } from '#src/model/collect.js';
import { TensorHeadSchema, TensorProtoSchema } from '#src/model/onnx/onnx_pb.js';
import { asModelError } from '#src/model/read-file.js';
import { planOutputs } from '#src/model/outputs.js';
import type { Session } from '#src/model/session.js';
import type { OutputSpec, Signature } from '#src/model/signature.js';
import { workerDied } from '#src/run/pool.js';
import { constant, graphAttribute, graphOf, node, typed, value } from '../model/onnx-maker.js';
import { contract, model, systemError } from './material.js';
import type { Scene } from './scene.js';

type Parts = Parameters<typeof graphOf>[0];

const X1 = [value('x', 1, ['', 1])];
const Y1 = [value('y', 1, ['', 1])];
const SAME = [node('Identity', ['x'], ['y'])];
const DATA = { 'data.csv': 'id,x\na,1\nb,2\n' };
const LINE = 'scoreline score -m m.onnx data.csv -o scores.csv';

const file = (code: string, about: string, bytes: string | Uint8Array): Scene => ({ code, about, files: { 'm.onnx': bytes, ...DATA }, line: LINE });
const made = (code: string, about: string, parts: Parts, flags = ''): Scene => ({ code, about, files: { 'm.onnx': model(parts), ...DATA }, line: LINE + flags }); // prettier-ignore
/** A contract beside a model that is right. */
const said = (code: string, about: string, says: object | string, parts: Parts = { input: X1, output: Y1, node: SAME }, flags = ''): Scene => ({
  code,
  about,
  files: { 'm.onnx': model(parts), 'm.contract.json': typeof says === 'string' ? says : contract(model(parts), says), ...DATA },
  line: LINE + flags,
});

const endless: Parts = {
  input: X1,
  output: Y1,
  node: [loop()],
  initializer: [toBinary(TensorProtoSchema, create(TensorProtoSchema, { name: 'yes', dataType: 9, int32Data: [1] }))],
};

function loop(): ReturnType<typeof node> {
  const each = node('Loop', ['', 'yes', 'x'], ['y']);
  const body = graphOf({
    node: [node('Identity', ['go'], ['goes']), node('Identity', ['acc'], ['next'])],
    input: [value('i', 7, []), value('go', 9, []), value('acc', 1)],
    output: [value('goes', 9, []), value('next', 1)],
  });
  each.attribute.push(graphAttribute('body', body));
  return each;
}

const external = toBinary(
  TensorHeadSchema,
  create(TensorHeadSchema, {
    name: 'w',
    dims: [1n],
    dataType: 1,
    dataLocation: 1,
    externalData: [{ key: 'location', value: Buffer.from('weights.bin') }],
  }),
);

const matrix: Parts = { input: [value('X', 1, ['', 2])], output: [value('Y', 1, ['', 2])], node: [node('Identity', ['X'], ['Y'])] };
const classifier: Parts = {
  input: X1,
  output: [value('label', 7, ['', 1]), value('p', 1, ['', 2])],
  initializer: [constant('one', [1])],
  node: [node('Round', ['x'], ['r']), node('Cast', ['r'], ['label'], [['to', 7n]]), node('Sub', ['one', 'x'], ['q']), node('Concat', ['x', 'q'], ['p'], [['axis', 1n]])],
}; // prettier-ignore
const wide = (declared: (number | string)[] | undefined): Parts => ({
  input: X1,
  output: [value('y', 1, declared)],
  node: [node('Concat', ['x', 'x'], ['y'], [['axis', 1n]])],
});

const output = (name: string, classes?: string[]): OutputSpec => ({ name, type: 'int64', shape: [''], role: classes === undefined ? 'value' : 'label', classes }); // prettier-ignore
const signature = (...outputs: OutputSpec[]): Signature => ({ inputs: [], outputs, fixedBatch: undefined, featureNames: undefined });

/** What is wrong with the model: 69, and 66, 74, 77 for its file. */
export const MODELS: readonly Scene[] = [
  { code: 'model-missing', about: 'no such file', files: DATA, line: LINE },
  { code: 'model-not-a-file', about: 'a folder', files: { ...DATA, 'm.onnx/model.onnx': '' }, line: LINE },
  { code: 'model-permission', about: "somebody else's", call: { shown: LINE, run: () => { throw asModelError(systemError('EACCES', 'permission denied'), 'm.onnx'); } } },
  { code: 'model-unreadable', about: 'a failing disk', call: { shown: LINE, run: () => { throw asModelError(systemError('EIO', 'i/o error, read'), 'm.onnx'); } } },
  { code: 'model-too-large', about: 'larger than allowed', line: `${LINE} --max-model-size 1KB`, files: { 'm.onnx': Buffer.alloc(2000), ...DATA } },
  { code: 'model-too-large', about: 'larger than ONNX can be', line: LINE, files: DATA, prepare: () => { writeFileSync('m.onnx', ''); truncateSync('m.onnx', 2 ** 31 + 8); } },
  file('not-a-model', 'a page of a login', '<!DOCTYPE html><html>'),
  file('not-a-model', 'empty', ''),
  { code: 'rules-invalid', about: 'a condition on a column that the rules do not declare', files: { 'r.yaml': 'version: scoreline.rules/1\ncolumns: { x: number }\noutputs: { prediction: number }\nrules:\n  - when: y > 1\n    then: { prediction: 1 }\n  - then: { prediction: 0 }\n', ...DATA }, line: 'scoreline score -m r.yaml data.csv -o scores.csv' },
  file('not-a-model', 'a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n'),
  file('not-a-model', 'compressed', Uint8Array.of(0x1f, 0x8b, 8, 0, 0)),
  file('not-a-model', 'cut off', model(matrix).subarray(0, 60)),
  made('no-inputs', 'nothing to feed', { input: [], output: Y1, initializer: [constant('c', [1])], node: [node('Identity', ['c'], ['y'])] }),
  made('no-outputs', 'nothing to write', { input: X1, output: [], node: SAME }),
  made('external-data', 'weights in another file', { input: X1, output: Y1, initializer: [external], node: [node('Add', ['x', 'w'], ['y'])] }),
  made('unsupported-type', 'a sequence', { input: [typed('x', { case: 'sequenceType', value: {} } as never)], output: Y1, node: SAME }),
  made('unsupported-type', 'bfloat16', { input: [value('x', 16, ['', 1])], output: Y1, node: SAME }),
  made('unsupported-shape', 'an image', { input: [value('x', 1, ['', 3, 32, 32])], output: Y1, node: SAME }),
  made('unsupported-shape', 'one value for all rows', { input: X1, output: [value('y', 1, [])], node: SAME }),
  made('unsupported-name', 'a name that the runtime keeps for itself', { input: X1, output: [value('__proto__', 1, ['', 1])], node: [node('Identity', ['x'], ['__proto__'])] }),
  made('model-load', 'an operator that there is none of', { input: X1, output: Y1, node: [node('Scorify', ['x'], ['y'])] }),
  made('model-memory', 'a small file that takes the machine', { input: X1, output: Y1, initializer: [constant('s', [1_000_000_000_000n])], node: [node('ConstantOfShape', ['s'], ['b']), node('Add', ['x', 'b'], ['y'])] }),
  { code: 'model-memory', about: 'more memory than there is, found while scoring', call: { shown: LINE, run: () => failing('Failed to allocate memory for requested buffer of size 8589934592', 0) } },
  made('endless-loop', 'a loop that nothing ends', endless),
  { code: 'not-deterministic', about: 'random operators', links: ['noise.onnx', 'types.csv'], line: 'scoreline score -m noise.onnx types.csv -o scores.csv' },
  { code: 'rows-mixed', about: 'a mean over the rows', links: ['mean.onnx', 'types.csv'], line: 'scoreline score -m mean.onnx types.csv --keep id -o scores.csv' },
  { code: 'rows-changed', about: 'fewer results than rows', links: ['filter.onnx'], files: { 'data.csv': 'f1,f2,f3\n1,2,3\n2000,2,3\n' }, line: 'scoreline score -m filter.onnx data.csv -o scores.csv' },
  { code: 'runtime-failed', about: 'a block fails, and no row of it alone', call: { shown: LINE, run: () => failing('no kernel for so many', 4) } },
  made('output-shape', 'other than declared', wide(['', 3])),
  { code: 'unknown-width', about: 'no width, and no row to tell it', files: { 'm.onnx': model(wide(undefined)), 'data.csv': `x\n${`${'a'.repeat(999)}\n`.repeat(17_000)}` }, line: `${LINE} --max-rejects 100%` },
  { code: 'output-width-unknown', about: 'as a library, without a row', call: { shown: 'planOutputs(signature)', run: () => planOutputs(signature({ ...output('y'), shape: undefined })) } },
  { code: 'duplicate-result', about: 'two columns of one name', call: { shown: LINE, run: () => planOutputs(signature({ ...output('y_0'), shape: ['', 1] }, { ...output('y'), shape: ['', 2] })) } },
  { code: 'unknown-label', about: 'a label that is no class', line: LINE, files: { 'm.onnx': model(classifier), 'm.contract.json': contract(model(classifier), { classes: ['no', 'yes'] }), 'data.csv': 'x\n7\n' } },
  { code: 'fallback-columns', about: 'the fallback lacks a column of the model', links: ['index.onnx'], files: { 'data.csv': 'id,index\na,1\n', 'safe.rules.yaml': rules('outcome') }, line: 'scoreline score -m index.onnx data.csv -o scores.csv --fallback safe.rules.yaml --fallback-on rows' },
  { code: 'fallback-unusable', about: 'the fallback is not there', links: ['index.onnx'], files: { 'data.csv': 'id,index\na,1\n' }, line: 'scoreline score -m index.onnx data.csv -o scores.csv --fallback safe.rules.yaml --fallback-on rows' },
  said('golden-mismatch', 'another score than it gave', { golden: [{ row: { x: '1' }, expect: { prediction: 3 } }] }),
  { code: 'out-of-memory', about: 'no memory for a worker', call: { shown: LINE, run: () => { throw workerDied(Object.assign(new Error('Worker terminated due to reaching memory limit: JS heap out of memory'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })); } } },
]; // prettier-ignore

/** Rules that give one figure, whatever the row. */
function rules(output: string): string {
  return `version: scoreline.rules/1\ncolumns: { index: number }\noutputs: { ${output}: number, other: number }\nrules:\n  - then: { ${output}: 7, other: 0 }\n`;
}

/** What is wrong with the contract, or contradicts it: 78. */
export const CONTRACTS: readonly Scene[] = [
  { code: 'no-feature-order', about: 'nothing says which column is which', links: ['trees.onnx', 'california.csv'], line: 'scoreline score -m trees.onnx --contract none california.csv -o scores.csv' },
  made('no-feature-order', 'as many columns as the model takes', matrix),
  { code: 'order-contradiction', about: 'the model says otherwise', links: ['linear.onnx', 'california.csv'], line: 'scoreline score -m linear.onnx california.csv --features latitude,longitude,housing_median_age,total_rooms,total_bedrooms,population,households,median_income -o scores.csv' },
  { code: 'contract-missing', about: 'no such file', links: ['single.onnx'], files: DATA, line: 'scoreline score -m single.onnx data.csv --contract c.json -o scores.csv' },
  { code: 'contract-unreadable', about: 'a folder', links: ['single.onnx'], files: { ...DATA, 'single.contract.json/c.json': '' }, line: 'scoreline score -m single.onnx data.csv -o scores.csv' },
  said('contract-invalid', 'not JSON', '{'),
  said('contract-invalid', 'a misspelt key', { feature: ['x'] }),
  said('contract-invalid', 'a rule for a field that is not there', { schema: { fields: [{ name: 'x', type: 'number' }] }, rules: { X: { onMissing: 'reject' } } }),
  { code: 'same-file', about: 'a contract in the place of the model', links: ['single.onnx'], files: DATA, line: 'scoreline profile data.csv -m single.onnx -o single.onnx --force' },
  { code: 'output-foreign', about: 'a contract in the place of the predictions', links: ['single.onnx'], files: { ...DATA, 'scores.csv': 'id,prediction\na,1\n' }, line: 'scoreline profile data.csv -m single.onnx -o scores.csv --force' },
  { code: 'contract-exists', about: 'a contract is there already', links: ['single.onnx'], files: { ...DATA, 'single.contract.json': contract(['types', 'single.onnx'], {}) }, line: 'scoreline profile data.csv -m single.onnx' },
  { code: 'no-rows', about: 'training data without a row', files: { 'data.csv': 'id,x\n' }, line: 'scoreline profile data.csv' },
  { code: 'bad-header', about: 'data without a model, read at another delimiter', files: { 'data.csv': 'a;b;c\n1;2;3\n' }, line: 'scoreline profile data.csv' },
  { code: 'bad-header', about: 'data without a model and without a header', files: { 'data.csv': '5.1,3.5,red\n4.9,3.0,blue\n' }, line: 'scoreline profile data.csv' },
  { code: 'missing-input', about: 'no training data, and nothing is piped in', line: 'scoreline profile -o data.json', terminal: 'stdin' },
  { code: 'conflicting-flags', about: 'a target that is an id', files: DATA, line: 'scoreline profile data.csv --target x --id x' },
  { code: 'conflicting-flags', about: 'an order of features, and no model', files: DATA, line: 'scoreline profile data.csv --features x' },
  { code: 'missing-model', about: 'the contract of a model is measured anew without it', files: { ...DATA, 'single.contract.json': contract(['types', 'single.onnx'], {}) }, line: 'scoreline profile data.csv -o single.contract.json --update' },
  { code: 'target-is-feature', about: 'the model is told what it predicts', links: ['single.onnx'], files: DATA, line: 'scoreline profile data.csv -m single.onnx --target x' },
  { code: 'no-dates', about: 'a column of dates has none', links: ['single.onnx'], files: DATA, line: 'scoreline profile data.csv -m single.onnx --date id' },
  { code: 'contract-without-model', about: 'made of data alone', links: ['single.onnx'], files: { ...DATA, 'single.contract.json': '{"version":"scoreline.contract/1"}' }, line: 'scoreline score -m single.onnx data.csv -o scores.csv' },
  { code: 'contract-of-another-model', about: 'the model was replaced', links: ['single.onnx'], files: { ...DATA, 'single.contract.json': contract(model({}), {}) }, line: 'scoreline score -m single.onnx data.csv -o scores.csv' },
  said('unknown-input', 'columns for an input that there is none of', { columns: { X: 'x' } }),
  said('binding-contradiction', '--bind says otherwise', { columns: { x: 'x' } }, undefined, ' --bind x=id'),
  said('bind-matrix', 'one column for a matrix', { columns: { X: 'x' } }, matrix),
  said('feature-count', 'too few features', { features: ['x'] }, matrix),
  said('duplicate-feature', 'a feature twice', { features: ['x', 'x'] }, matrix),
  said('feature-contradiction', 'features that the model does not read', { features: ['id'] }),
  made('several-matrices', 'no order for all of them', { input: [value('A', 1, ['', 2]), value('B', 1, ['', ''])], output: [value('y', 1, ['', 2])], node: [node('Add', ['A', 'B'], ['y'])] }, ' --features id,x'),
  { code: 'class-count', about: 'too many classes', links: ['forest.onnx', 'adult.csv'], files: { 'c.json': contract(['adult', 'adult-forest.onnx'], { classes: ['a', 'b', 'c'] }) }, line: 'scoreline score -m forest.onnx --contract c.json adult.csv -o scores.csv' },
  said('duplicate-class', 'a class twice', { classes: ['a', 'a'] }, classifier),
  { code: 'class-contradiction', about: 'the model calls its classes otherwise', links: ['forest.onnx', 'adult.csv'], files: { 'c.json': contract(['adult', 'adult-forest.onnx'], { classes: ['>50K', '<=50K'] }) }, line: 'scoreline score -m forest.onnx --contract c.json adult.csv -o scores.csv' },
  { code: 'classes-ambiguous', about: 'two classifiers', call: { shown: LINE, run: () => planOutputs(signature(output('l', ['0']), output('m', ['1'])), { classes: ['a'], contractPath: 'm.contract.json' }) } },
  said('fill-invalid', 'text for a number', { fillMissing: { x: 'some' } }),
  said('field-invalid', 'a type that the model does not take', { schema: { fields: [{ name: 'x', type: 'date' }] } }),
  said('field-invalid', 'limits of a column that the model does not read', { schema: { fields: [{ name: 'X', type: 'number', constraints: { minimum: 0 } }] } }),
  said('rule-invalid', 'a column that the model does not read', { schema: { fields: [{ name: 'id' }] }, rules: { id: { onMissing: 'reject' } } }),
  said('rule-invalid', 'a value that breaks the rule itself', { schema: { fields: [{ name: 'x', type: 'number', constraints: { maximum: 10 } }] }, rules: { x: { onOutOfRange: 'value', value: '11' } } }),
  said('golden-invalid', 'a row without a value', { golden: [{ row: {}, expect: { prediction: 1 } }] }),
  made('no-ids', 'ids, and no contract that names them', { input: X1, output: Y1, node: SAME }, ' --keep ids'),
  said('unknown-id', 'an id that the input does not have', { ids: ['customer'] }),
]; // prettier-ignore

/** Scores four rows with a session that fails on blocks of `on` rows, or always. */
async function failing(reason: string, on: number): Promise<void> {
  const session: Session = {
    async run([x]) {
      if (on === 0 || x?.dims[0] === on) throw new Error(reason);
      return [{ type: 'float64', dims: [x?.dims[0] ?? 0, 1], values: new Float64Array(x?.dims[0] ?? 0) }];
    },
    async close() {},
  };
  const binding: Binding = {
    inputs: [{ name: 'x', type: 'float64', width: 1, vector: false, columns: [{ name: 'x', column: 0 }] }],
    orderFrom: 'flag',
  };
  const batch = new Batch(layoutOf(binding, []));
  batch.reset(4);
  for (let row = 0; row < 4; row++) batch.accept();
  await openScorer(session, binding, { blockRows: 4, fixedBatch: false }).score(batch, openCollector(planOutputs(signature())));
}
