/** A contract with every key that there is, consistent in itself. */
export const GROWN = {
  $schema: './contract.schema.json',
  version: 'scoreline.contract/1',
  model: { sha256: 'a'.repeat(64) },
  features: ['age', 'job', 'income'],
  ids: ['customer'],
  classes: ['stays', 'leaves'],
  threshold: 0.4,
  positiveClass: 'leaves',
  fillMissing: { income: '0' },
  schema: {
    $schema: 'https://datapackage.org/profiles/2.0/tableschema.json',
    fields: [
      { name: 'customer', type: 'string', constraints: { required: true } },
      { name: 'age', type: 'integer', title: 'Age', constraints: { required: true, minimum: 18, maximum: 99 } },
      { name: 'job', type: 'string', categories: ['cook', 'nurse'], missingValues: ['', '?'], constraints: { enum: ['cook'] } },
      { name: 'income', type: 'number', example: '1200.5', missingValues: [{ value: '', label: 'not asked' }] },
      { name: 'since', type: 'date', constraints: { minimum: '2001-01-01' } },
      { name: 'size', type: 'integer', categories: [{ value: 1, label: 'small' }, { value: 2, label: 'large' }], categoriesOrdered: true },
    ],
    primaryKey: ['customer'],
    missingValues: [''],
  },
  rules: {
    age: { onOutOfRange: 'reject', onMissing: 'value', value: '40' },
    job: { onUnseen: 'missing' },
  },
  outputs: [
    { name: 'prediction', type: 'string' },
    { name: 'probability_stays', type: 'number' },
    { name: 'probability_leaves', type: 'number' },
  ],
  target: { column: 'left' },
  trainedThrough: '2025-12-31',
  expires: '2026-12-31T12:00:00Z',
  metrics: { kind: 'classification', rows: 3, accuracy: 0.9, auc: 0.95, logLoss: 0.2, brier: null },
  kpi: {
    'will leave': { shareAbove: { column: 'probability_leaves', threshold: 0.4 } },
    gain: { expectedValue: { probability_stays: 10, probability_leaves: -30 } },
    matrix: { expectedValue: { stays: { probability_leaves: -30 }, leaves: { probability_stays: -2, probability_leaves: 20 } } },
  },
  usualRows: { min: 1000, max: 2000 },
  golden: [{ row: { age: '41', job: 'cook', income: null }, expect: { prediction: 'stays', probability_leaves: 0.12 } }],
  baseline: {
    at: '2026-01-05T10:00:00Z',
    source: { name: 'train.csv', sha256: 'b'.repeat(64) },
    rows: 3,
    columns: [
      {
        name: 'age',
        kind: 'number',
        count: 2,
        missing: 1,
        mean: 30,
        deviation: 10,
        min: 20,
        max: 'inf',
        quantiles: { p01: 20, p05: 20, p25: 20, p50: 20, p75: 40, p95: 40, p99: 40 },
        grid: { bits: 5, cells: [[33, 1], [34, 1]] },
      },
      { name: 'job', kind: 'text', count: 3, missing: 0, distinct: 3, categories: [['cook', 2]], other: 1 },
    ],
    scores: [],
  },
} as const; // prettier-ignore

type Path = readonly (string | number)[];

/** A copy with one value changed, or taken out by undefined; keys on the way are made. */
export function changed(path: Path, value: unknown, from: object = GROWN): object {
  const copy = structuredClone(from) as Record<string, unknown>;
  let place: Record<string, unknown> = copy;
  for (const key of path.slice(0, -1)) place = (place[key] ??= {}) as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return copy;
}
