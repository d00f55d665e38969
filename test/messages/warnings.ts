import { constant, type graphOf, node, value } from '../model/onnx-maker.js';
import { contract, model } from './material.js';
import { JOB_WARNINGS } from './jobs.js';
import { JOURNAL_WARNINGS } from './journal.js';
import type { Scene } from './scene.js';

/** label = 1, whatever the probabilities say. */
const contrary: Parameters<typeof graphOf>[0] = {
  input: [value('x', 1, ['', 1])],
  output: [value('label', 7, ['', 1]), value('p', 1, ['', 2])],
  initializer: [constant('one', [1])],
  node: [node('Round', ['x'], ['r']), node('Cast', ['r'], ['label'], [['to', 7n]]), node('Sub', ['one', 'x'], ['q']), node('Concat', ['x', 'q'], ['p'], [['axis', 1n]])],
}; // prettier-ignore

const SAFE = 'version: scoreline.rules/1\ncolumns: { index: number }\noutputs: { prediction: number }\nrules:\n  - then: { prediction: 7 }\n';

/** What a run says though it publishes: on a terminal, or with -v. */
export const WARNINGS: readonly Scene[] = [
  {
    code: 'label-contradiction',
    about: 'a label that is not the likeliest class',
    files: {
      'm.onnx': model(contrary),
      'm.contract.json': contract(model(contrary), { classes: ['no', 'yes'] }),
      'data.csv': 'id,x\na,0.9\nb,0.1\n',
    },
    line: 'scoreline score -v -m m.onnx data.csv -o scores.csv',
  },
  {
    code: 'non-finite-prediction',
    about: 'NaN for a prediction',
    links: ['single.onnx'],
    files: { 'data.csv': 'id,x\na,1\nb,\n' },
    line: 'scoreline score -v -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'gate-failed',
    about: 'a gate that only warns does not hold: status 3',
    links: ['single.onnx'],
    files: { 'data.csv': 'id,x\na,1\nb,\n' },
    line: "scoreline score -v -m single.onnx data.csv -o scores.csv --gate 'missing(x)<=10%'",
  },
  {
    code: 'gate-not-judged',
    about: 'a gate on a figure that the run does not have',
    links: ['single.onnx'],
    files: { 'data.csv': 'id,x\na,1\n' },
    line: "scoreline score -v -m single.onnx data.csv -o scores.csv --gate 'psi<=0.25:withhold'",
  },
  {
    code: 'withheld-not-kept',
    about: 'a gate keeps predictions back, and there is a folder where they would lie',
    links: ['single.onnx'],
    files: { 'data.csv': 'id,x\na,1\n', 'scores.csv.withheld/taken': '' },
    line: "scoreline score -v -m single.onnx data.csv -o scores.csv --gate 'rows>=5:withhold'",
  },
  {
    code: 'rows-by-fallback',
    about: 'rows that the model throws at',
    links: ['index.onnx'],
    files: { 'data.csv': 'id,index\na,1\nb,9\n', 'safe.rules.yaml': SAFE },
    line: 'scoreline score -v -m index.onnx data.csv -o scores.csv --fallback safe.rules.yaml --fallback-on rows',
  },
  {
    code: 'fallback-scored',
    about: 'a model that is none',
    files: { 'm.onnx': 'no model', 'data.csv': 'id,index\na,1\nb,9\n', 'safe.rules.yaml': SAFE },
    line: 'scoreline score -v -m m.onnx data.csv -o scores.csv --fallback safe.rules.yaml --fallback-on load',
  },
  {
    code: 'contract-expired',
    about: 'the contract held until another day',
    links: ['single.onnx'],
    files: { 'single.contract.json': contract(['types', 'single.onnx'], { expires: '2020-06-30' }), 'data.csv': 'id,x\na,1\n' },
    line: 'scoreline score -v -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'training-ahead',
    about: 'trained on days that are yet to come',
    links: ['single.onnx'],
    files: { 'single.contract.json': contract(['types', 'single.onnx'], { trainedThrough: '9999-12-31' }), 'data.csv': 'id,x\na,1\n' },
    line: 'scoreline score -v -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'data-gap',
    about: 'trained on old data',
    links: ['single.onnx'],
    files: { 'single.contract.json': contract(['types', 'single.onnx'], { trainedThrough: '2019-12-31' }), 'data.csv': 'id,x\na,1\n' },
    line: 'scoreline score -v -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'invalid-numbers',
    about: 'a text among the numbers of data without a model',
    files: { 'data.csv': `x\n${'1\n2\n'.repeat(100)}unknown\n` },
    line: 'scoreline profile -v data.csv',
  },
  {
    code: 'header-of-numbers',
    about: 'numbers that count up in the header of data without a model',
    files: { 'data.csv': '1,2,3\n4,5,6\n' },
    line: 'scoreline profile -v data.csv',
  },
  {
    code: 'likely-id',
    about: 'a column that counts the rows of data without a model',
    files: { 'data.csv': `row,x\n${Array.from({ length: 100 }, (_, row) => `${row},1\n`).join('')}` },
    line: 'scoreline profile -v data.csv',
  },
  {
    code: 'empty-column',
    about: 'a column without a value in data without a model',
    files: { 'data.csv': 'x,y\n1,\n2,NA\n' },
    line: 'scoreline profile -v data.csv',
  },
  {
    code: 'unknown-target',
    about: 'a target that is no number',
    links: ['single.onnx'],
    files: { 'data.csv': 'x,y\n1,3\n2,\n' },
    line: 'scoreline profile -v data.csv -m single.onnx --target y',
  },
  {
    code: 'unknown-variable',
    about: 'a slip in a variable',
    links: ['single.onnx'],
    files: { 'data.csv': 'id,x\na,1\n' },
    env: { SCORELINE_MAX_REJECT: '1' },
    line: 'scoreline score -v -m single.onnx data.csv -o scores.csv',
  },
  {
    code: 'metrics-failed',
    about: 'a folder for metrics that is not there',
    links: ['single.onnx'],
    files: { 'data.csv': 'id,x\na,1\n' },
    line: 'scoreline score -v -m single.onnx data.csv -o scores.csv --metrics nowhere/churn.prom',
  },
  {
    code: 'openlineage-failed',
    about: 'a server of OpenLineage that nobody has named',
    links: ['single.onnx'],
    files: { 'data.csv': 'id,x\na,1\n' },
    line: 'scoreline score -v -m single.onnx data.csv -o scores.csv --openlineage env',
  },
  ...JOURNAL_WARNINGS,
  ...JOB_WARNINGS,
];
