import { constant, type graphOf, node, value } from '../model/onnx-maker.js';
import { contract, model } from './material.js';
import type { Scene } from './scene.js';

/** label = round(x), probabilities = [x, 1 - x]: a missing x gives NaN. */
const decided: Parameters<typeof graphOf>[0] = {
  input: [value('x', 1, ['', 1])],
  output: [value('label', 7, ['', 1]), value('p', 1, ['', 2])],
  initializer: [constant('one', [1])],
  node: [node('Round', ['x'], ['r']), node('Cast', ['r'], ['label'], [['to', 7n]]), node('Sub', ['one', 'x'], ['q']), node('Concat', ['x', 'q'], ['p'], [['axis', 1n]])],
}; // prettier-ignore

const one = (code: string, about: string, content: string | Uint8Array, flags = ''): Scene => ({
  code,
  about,
  links: ['single.onnx'],
  files: { 'data.csv': content },
  line: `scoreline score -m single.onnx data.csv -o scores.csv${flags}`,
});

/** A row of every type that `columns-mixed` reads, one of them another. */
const mixed = (code: string, about: string, column: string, cell: string): Scene => {
  const row = { float: '1', double: '1', int64: '1', int32: '1', bool: 'true', string: 'a', [column]: cell };
  return {
    code,
    about,
    links: ['mixed.onnx'],
    files: { 'data.csv': `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n` },
    line: 'scoreline score -m mixed.onnx data.csv -o scores.csv',
  };
};

/** Every reason why a row is not scored, as the first that stops a run which allows none. */
export const REJECTS: readonly Scene[] = [
  one('ragged-row', 'too many fields', 'id,x\na,1\nb,2,3\n'),
  one('ragged-row', 'too few fields', 'id,x\na,1\nb\n'),
  one('bad-quote', 'a quote inside a field', 'id,x\n12" pipe,1\n'),
  one('unclosed-quote', 'a quote that is never closed', 'id,x\n"a,1\nb,2\n'),
  one('record-too-long', 'longer than the limit', `id,x\n${'a'.repeat(300)},1\n`, ' --record-limit 256'),
  one('invalid-utf8', 'Latin-1', Buffer.from('id,x\nJos\xe9,1\n', 'latin1')),
  one('not-a-number', 'text', 'x\nn.d.\n'),
  one('not-a-number', 'a thousands separator', 'x\n"1,000"\n'),
  mixed('not-an-integer', 'a fraction', 'int64', '1.5'),
  mixed('not-a-boolean', 'another word', 'bool', 'yes'),
  mixed('out-of-range', 'too large', 'int32', '3000000000'),
  mixed('missing-value', 'nothing, where the model takes whole numbers', 'int64', ''),
  {
    code: 'outside-range',
    about: 'a number beyond what the contract allows',
    links: ['single.onnx'],
    files: { 'single.contract.json': contract(['types', 'single.onnx'], { schema: { fields: [{ name: 'x', type: 'number', constraints: { minimum: 0, maximum: 10 } }] }, rules: { x: { onOutOfRange: 'reject' } } }), 'data.csv': 'id,x\na,1\nb,11\n' },
    line: 'scoreline score -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'missing-value',
    about: 'nothing, where the contract wants a value',
    links: ['single.onnx'],
    files: { 'single.contract.json': contract(['types', 'single.onnx'], { schema: { fields: [{ name: 'x', type: 'number' }] }, rules: { x: { onMissing: 'reject' } } }), 'data.csv': 'id,x\na,1\nb,\n' },
    line: 'scoreline score -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'wrong-type',
    about: 'a fraction, where the contract wants a whole number',
    links: ['single.onnx'],
    files: { 'single.contract.json': contract(['types', 'single.onnx'], { schema: { fields: [{ name: 'x', type: 'integer' }] }, rules: { x: { onWrongType: 'reject' } } }), 'data.csv': 'id,x\na,1\nb,1.5\n' },
    line: 'scoreline score -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'unseen-category',
    about: 'a level that the contract does not know',
    links: ['one-hot.onnx'],
    files: { 'data.csv': 'id,color,shade,side,x,y\na,purple,green,u,1,2\n' },
    line: 'scoreline score -m one-hot.onnx data.csv -o scores.csv --on-unseen reject',
  },
  { code: 'runtime-error', about: 'a value that the model fails on', links: ['index.onnx'], files: { 'data.csv': 'index\n0\n9\n' }, line: 'scoreline score -m index.onnx data.csv -o scores.csv' },
  {
    code: 'undecided',
    about: 'NaN for a probability',
    files: { 'm.onnx': model(decided), 'm.contract.json': contract(model(decided), { classes: ['no', 'yes'] }), 'data.csv': 'id,x\na,0.5\nb,\n' },
    line: 'scoreline score -m m.onnx data.csv --label argmax -o scores.csv',
  },
]; // prettier-ignore
