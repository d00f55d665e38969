import type { JournalColumn, ReportRun, RunFacts, StartFacts } from '#src/report/material.js';

/** A text that is a danger where it is not escaped: to HTML, attributes, styles, terminals and readers. */
export const HOSTILE = `</title></style></svg><script>alert("1")</script><img src=x onerror='alert(2)'>&lt;\u001b[31m\u202e\u0000"'`;

const SHA = 'a3'.repeat(32);

export const STARTED: StartFacts = {
  versions: { scoreline: '0.1.0', node: '20.20.2', runtime: '1.30.0' },
  labels: { team: 'risk' },
  model: { path: '/srv/churn.onnx', sha256: SHA, bytes: 48_213, producer: 'skl2onnx', family: 'tree ensemble' },
  contract: { path: '/srv/churn.contract.json', sha256: SHA },
  input: { path: 'in/customers.csv', bytes: 1_234_567, format: 'csv' },
  output: { path: 'scores.csv', format: 'csv' },
  plan: { workers: 2, threads: 1, chunkBytes: 1_048_576, batchRows: 2048, machine: { cores: 2, memoryBytes: 8_589_934_592 } },
};

const QUANTILES = { p01: 18, p05: 20, p25: 29, p50: 37, p75: 48, p95: 65, p99: 78 };

export function numbers(name: string): JournalColumn {
  return {
    name, kind: 'number', count: 990, missing: 7, outOfRange: 2, mean: 38.5, deviation: 13.1, min: 17, max: 900, quantiles: QUANTILES,
    histogram: { edges: [17, 20, 40, 60, 80, 900], counts: [40, 500, 350, 98, 2], baseline: [30, 510, 360, 99, 0] },
  };
} // prettier-ignore

export function texts(name: string, value = 'north'): JournalColumn {
  return {
    name, kind: 'text', count: 997, missing: 0, unseen: 5, distinct: 3, other: 5,
    categories: [{ value, rows: 900, baseline: 450 }, { value: 'south', rows: 92, baseline: 550 }],
  };
} // prettier-ignore

/** Every member that a run may tell, each name and text as given. */
export function figures(name = 'age', text = 'north'): RunFacts {
  return {
    input: { sha256: SHA, bytes: 1_234_567, rows: 1000 },
    output: { path: 'scores.csv', sha256: SHA, bytes: 45_678, rows: 997 },
    rejects: { path: 'scores.csv.rejects.csv', sha256: SHA, bytes: 321 },
    rows: { in: 1000, scored: 997, rejected: 3, byColumn: [{ column: name, code: 'not-a-number', rows: 2 }, { column: null, code: 'ragged-row', rows: 1 }] },
    missing: [{ column: name, rows: 7 }],
    unseen: [{ column: `${name} of text`, rows: 5, values: [{ value: text, rows: 4 }, { value: 'west', rows: 1 }] }],
    outOfRange: [{ column: name, rows: 2 }],
    predictions: [
      { column: 'prediction', count: 997, nonFinite: 0, min: null, max: null, labels: [{ label: text, rows: 900 }, { label: 'no', rows: 97 }] },
      { column: 'probability', count: 997, nonFinite: 1, min: 0.001, max: 0.99, labels: [] },
    ],
    warnings: [{ code: 'label-contradicts', message: text, count: 2 }],
    profile: { rows: 997, columns: [numbers(name), texts(`${name} of text`, text)], scores: [numbers('probability'), texts('prediction', text)] },
    drift: {
      against: 'baseline',
      alpha: 0.01,
      rows: { baseline: 5000, run: 997 },
      columns: [
        { column: name, psi: 0.012, js: 0.003, ks: 0.02, ksError: 0.01, missing: { baseline: 0, run: 0.007 }, unseen: null, mean: { baseline: 38.6, run: 38.5, standardised: -0.01 }, verdict: 'same', because: [] },
        { column: `${name} of text`, psi: 0.91, js: 0.1, ks: null, ksError: null, missing: { baseline: 0, run: 0 }, unseen: { baseline: 0, run: 0.005 }, mean: null, verdict: 'drift', because: ['psi', 'unseen'] },
      ],
      scores: [{ column: 'probability', psi: null, js: null, ks: null, ksError: null, missing: null, unseen: null, mean: null, verdict: 'too-few-rows', because: [] }],
      drifted: 1,
      psi: 0.91,
    },
    gates: [
      { name: 'psi', column: null, value: 0.91, min: null, max: 0.25, level: 'withhold', verdict: 'fail' },
      { name: 'reject-rate', column: null, value: 0.003, min: null, max: 0.01, level: 'warn', verdict: 'pass' },
      { name: 'score-mean', column: name, value: null, min: 0.1, max: 0.4, level: 'fallback', verdict: 'unknown' },
    ],
    kpi: [{ name: text, value: 12_345.678 }],
    fallback: { kind: 'rules', why: text, rows: 3 },
    seconds: { total: 0.31, read: 0.02, decode: 0.1, check: 0.01, score: 0.2, encode: 0.03, write: 0.01 },
    cpu: { user: 0.5, system: 0.05 },
    peakMemoryBytes: 180_000_000,
  };
} // prettier-ignore

export function reportRun(given: Partial<ReportRun> = {}): ReportRun {
  return {
    id: '01997a8f-0000-7000-8000-000000000001',
    status: 'committed',
    startedMs: Date.UTC(2026, 10, 22, 2, 15, 3),
    endedMs: Date.UTC(2026, 10, 22, 2, 15, 4),
    journal: 'scores.csv.journal.jsonl',
    checkpoints: 0,
    start: STARTED,
    error: undefined,
    aborted: undefined,
    figures: figures(),
    ...given,
  };
}
