import type { EndFacts, SinkEvent, StartFacts } from '#src/sinks/event.js';

export const RUN = '01a205ce-c42d-7f4a-9869-1e42c352406a';
export const BEGUN = '2026-11-22T02:15:00.000Z';
export const ENDED = '2026-11-22T02:15:03.500Z';

/** A name with everything in it that a format could trip over. */
export const NASTY = 'a "b"\\c\nd, e=f}\u2028 #';

export const START: StartFacts = {
  versions: { scoreline: '0.1.0', node: '20.0.0', runtime: '1.30.0' },
  labels: { job: 'nightly', team: 'risk' },
  model: { path: '/srv/churn/churn.onnx', sha256: 'ab'.repeat(32), family: 'trees' },
  contract: null,
  input: { path: '/srv/churn/in.csv', bytes: 1234, format: 'csv' },
  output: { path: '/srv/churn/scores.csv', format: 'csv' },
};

/** With everything that a record may hold, also what only runs with a profile, a baseline and gates have. */
export const FULL: EndFacts = {
  input: { sha256: 'cd'.repeat(32), bytes: 1234, rows: 100 },
  output: { path: '/srv/churn/scores.csv', sha256: 'ef'.repeat(32), bytes: 987, rows: 97 },
  rejects: { path: '/srv/churn/scores.csv.rejects.csv', sha256: '01'.repeat(32), bytes: 55 },
  rows: { in: 100, scored: 97, rejected: 3, byCode: { 'not-a-number': 2, 'ragged-row': 1 } },
  missing: [{ column: NASTY, rows: 4 }],
  ranges: [
    { column: 'age', min: 17, max: 90 },
    { column: 'income', min: '-inf', max: '9007199254740993' },
    { column: NASTY, min: null, max: null },
  ],
  predictions: [
    { column: 'prediction', nonFinite: 0, labels: [{ label: 'yes', rows: 40 }, { label: NASTY, rows: 57 }] },
    { column: 'probability_yes', nonFinite: 2, labels: [] },
  ],
  warnings: [
    { code: 'non-finite-prediction', message: '2 values of probability_yes are NaN or infinite', count: 2 },
    { code: 'not-resumed', message: `the checkpoint ${NASTY} was set aside`, count: 1 },
  ],
  seconds: { total: 3.5, read: 0.1, score: 2.25 },
  cpu: { user: 4.5, system: 0.5 },
  peakMemoryBytes: 170_000_000,
  profile: {
    columns: [
      { name: 'age', count: 95, missing: 2, outOfRange: 3, min: 17, max: 90, quantiles: { p01: 18, p50: 40, p99: 'inf' } },
      { name: 'city', count: 97, missing: 0, unseen: 7, distinct: 12 },
      { name: '__proto__', count: 97, missing: 0 },
    ],
  },
  drift: { columns: [{ column: 'age', psi: 0.31 }, { column: 'city', psi: null }], scores: [{ column: 'probability_yes', psi: 0.02 }], drifted: 1 },
  gates: [
    { name: 'psi', column: 'age', value: 0.31, min: null, max: 0.25, level: 'warn', verdict: 'fail' },
    { name: 'rejects', column: null, value: 0.03, min: 0, max: 0.05, level: 'withhold', verdict: 'pass' },
  ],
  kpi: [{ name: 'share above 0.5', value: 0.4 }, { name: 'nothing', value: null }],
  fallback: { kind: 'rules', why: 'rows', rows: 5 },
}; // prettier-ignore

export const started = (record: StartFacts = START, run = RUN): SinkEvent => ({
  kind: 'START',
  run,
  at: BEGUN,
  record,
  columns: { input: [{ name: 'id' }, { name: 'age', type: 'float32' }], output: [{ name: 'id' }, { name: 'prediction', type: 'string' }] },
});
export const committed = (record: EndFacts = FULL, at = ENDED): SinkEvent => ({ kind: 'COMMIT', run: RUN, at, record });
export const failed = (code = 'too-many-rejects', status = 65, at = ENDED): SinkEvent => ({
  kind: 'FAIL',
  run: RUN,
  at,
  record: { error: { code, status, message: '3 of 100 rows were rejected' } },
});

/** Never aborted. */
export const PATIENT = new AbortController().signal;
