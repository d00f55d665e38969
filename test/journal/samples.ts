import type { EntryDraft } from '#src/journal/entry.js';
import type { CommitRecord, FailRecord, RowFigures, StartRecord } from '#src/journal/record.js';
import { runId } from '#src/journal/run-id.js';

const SHA = 'a3'.repeat(32);

/** The run id of a test's nth run. */
export function sampleRun(n: number): string {
  return runId(1_760_000_000_000 + n, new Uint8Array(10).fill(n));
}

export const START: StartRecord = {
  versions: { scoreline: '0.1.0', node: '20.20.2', runtime: '1.30.0' },
  options: { batchRows: 2048, keep: ['id'], maxRejects: { kind: 'share', share: 0.01 }, threshold: null, allowEmpty: false },
  labels: { team: 'risk', ['__proto__']: 'harmless' },
  model: { path: 'churn.onnx', sha256: SHA, bytes: 48_213, producer: 'skl2onnx', family: 'tree ensemble' },
  contract: { path: 'churn.contract.json', sha256: SHA },
  input: { path: 'customers.csv', bytes: 1_234_567, format: 'csv' },
  output: { path: 'scores.csv', format: 'csv' },
  plan: { workers: 2, limitedBy: 'cores', threads: 1, chunkBytes: 1_048_576, batchRows: 2048, machine: { cores: 2, memoryBytes: 8_589_934_592 } },
};

export const ROWS: RowFigures = {
  in: 1000,
  scored: 997,
  rejected: 3,
  byCode: { 'not-a-number': 2, 'ragged-row': 1 },
  byColumn: [
    { column: 'age', code: 'not-a-number', rows: 2 },
    { column: null, code: 'ragged-row', rows: 1 },
  ],
};

export const COMMIT: CommitRecord = {
  input: { sha256: SHA, bytes: 1_234_567, rows: 1000 },
  output: { path: 'scores.csv', sha256: SHA, bytes: 45_678, rows: 997 },
  rejects: { path: 'scores.csv.rejects.csv', sha256: SHA, bytes: 321 },
  rows: ROWS,
  missing: [{ column: '__proto__', rows: 12 }],
  ranges: [
    { column: 'age', min: 17, max: 90 },
    { column: 'account', min: -9_223_372_036_854_775_808n, max: 9_007_199_254_740_991n },
    { column: 'ratio', min: -0, max: Infinity },
    { column: 'empty', min: null, max: null },
  ],
  predictions: [
    {
      column: 'prediction',
      count: 997,
      nonFinite: 0,
      min: null,
      max: null,
      labels: [
        { label: 'no\nline', rows: 900 },
        { label: 'yes', rows: 97 },
      ],
    },
    { column: 'probability_yes', count: 997, nonFinite: 1, min: 0.00123, max: 0.99, labels: [] },
  ],
  warnings: [{ code: 'label-contradicts', message: 'a label contradicts its own probabilities', count: 2 }],
  decoder: { chunks: 2, declined: 0 },
  checkedBlocks: 3,
  seconds: { total: 0.31, read: 0.02, decode: 0.1, check: 0.01, score: 0.2, encode: 0.03, write: 0.01 },
  cpu: { user: 0.5, system: 0.05 },
  peakMemoryBytes: 180_000_000,
};

export const FAIL: FailRecord = {
  rows: ROWS,
  error: {
    code: 'no-space',
    status: 74,
    message: "cannot write 'scores.csv': no space left on the device",
    place: { file: 'scores.csv' },
    fix: 'Free some space.',
  },
};

/** One line of every kind, as five runs would write them. */
export function sampleDrafts(): EntryDraft[] {
  const [one, two, three, four, five] = [1, 2, 3, 4, 5].map(sampleRun) as [string, string, string, string, string];
  const part = { staged: '.scores.csv.0123456789ab.scoreline-tmp', bytes: 45_678, sha256: SHA };
  return [
    { kind: 'START', run: one, record: START },
    { kind: 'CHECKPOINT', run: one, record: { chunks: 1, input: { offset: 65_536, sha256: SHA }, output: part, rejects: null, rows: ROWS } },
    { kind: 'PREPARE', run: one, record: { output: { ...part, path: 'scores.csv' }, rejects: null, removes: 'scores.csv.rejects.csv' } },
    { kind: 'COMMIT', run: one, record: COMMIT },
    {
      kind: 'START',
      run: two,
      record: {
        ...START,
        contract: null,
        resumes: one,
        process: { pid: 4711, bootId: 'a4eb5f39', startTime: '123456', pidNamespace: 'pid:[4026531836]', host: '0123456789abcdef' },
      },
    },
    { kind: 'FAIL', run: two, record: FAIL },
    { kind: 'START', run: three, record: { ...START, input: { path: '-', bytes: null, format: 'arrows' } } },
    { kind: 'ABORT', run: three, record: { reason: 'died', by: four } },
    { kind: 'START', run: four, record: START },
    { kind: 'FAIL', run: four, record: { ...COMMIT, ...FAIL, withheld: { path: 'scores.csv.withheld', sha256: SHA, bytes: 9, rows: 1 } } },
    { kind: 'START', run: five, record: START },
    { kind: 'COMMIT', run: five, record: { ...COMMIT, rejects: null } },
  ];
}
