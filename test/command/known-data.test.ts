import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';
import { fixture, scoreline, tempFolder } from '../support/command.js';
import '../support/warm.js';

/** What was planted in the rows of Adult, and where. */
const EVERY = { unseen: 97, blank: 101, text: 103, outOfRange: 107 };
const [header = '', ...ROWS] = readFileSync(fixture('adult', 'adult.csv'), 'utf8').trim().split('\n');
const NAMES = header.split(',');

interface Planted {
  readonly csv: string;
  readonly counts: Record<keyof typeof EVERY, number>;
  readonly levels: Record<string, number>;
}

/** Adult with levels that the model has never seen, blanks, text in a column of numbers, and hours beyond any week. */
function planted(): Planted {
  const counts = { unseen: 0, blank: 0, text: 0, outOfRange: 0 };
  const levels: Record<string, number> = {};
  const rows = ROWS.map((line, row) => {
    const cells = line.split(',');
    const put = (column: string, text: string): string => (cells[NAMES.indexOf(column)] = text);
    if (row % EVERY.unseen === 0) {
      const level = [' Martian', ' Venusian', ' Lunar'][counts.unseen++ % 3]!;
      levels[level] = (levels[level] ?? 0) + 1;
      put('workclass', level);
    } else if (row % EVERY.blank === 0) put('workclass', ['', counts.blank++][0] as string);
    else if (row % EVERY.text === 0) put('age', ['old', counts.text++][0] as string);
    else if (row % EVERY.outOfRange === 0) put('hours_per_week', ['500', counts.outOfRange++][0] as string);
    return cells.join(',');
  });
  return { csv: `${[header, ...rows].join('\n')}\n`, counts, levels };
}

interface Ended {
  readonly kind: string;
  readonly rows: { in: number; scored: number; rejected: number; byCode: Record<string, number> };
  readonly missing: readonly { column: string; rows: number }[];
  readonly unseen?: readonly { column: string; rows: number; values: readonly { value: string; rows: number }[] }[];
  readonly outOfRange?: readonly { column: string; rows: number }[];
  readonly kpi?: readonly { name: string; value: number }[];
  readonly gates?: readonly { name: string; column: string | null; value: number | null; level: string; verdict: string }[];
  readonly drift?: {
    against: string;
    columns: readonly { column: string; verdict: string; because: readonly string[]; unseen: { run: number } | null }[];
  };
  readonly error?: { code: string; status: number };
}

function lastLine(journal: string): Ended {
  return JSON.parse(readFileSync(journal, 'utf8').trim().split('\n').at(-1)!) as Ended;
}

const DATA = planted();
let model = '';
let contract: Record<string, unknown> = {};

/** A folder with the model, and the contract that `scoreline profile` makes of Adult, with what is added to it. */
function place(added: Record<string, unknown> | undefined): { folder: string; model: string; input: string } {
  const folder = tempFolder();
  copyFileSync(fixture('adult', 'adult.onnx'), join(folder, 'adult.onnx'));
  if (added !== undefined) writeFileSync(join(folder, 'adult.contract.json'), JSON.stringify({ ...contract, ...added }));
  writeFileSync(join(folder, 'planted.csv'), DATA.csv);
  return { folder, model: join(folder, 'adult.onnx'), input: join(folder, 'planted.csv') };
}

async function scored(
  added: Record<string, unknown> | undefined,
  options: Partial<ScoreOptions> = {},
): Promise<{ end: Ended; output: string; columns: Record<string, string>[] }> {
  const { folder, ...paths } = place(added);
  const output = join(folder, 'out.csv');
  await score({ ...paths, output, maxRejects: { kind: 'share', share: 0.1 }, keep: 'none', ...options });
  const [head = '', ...lines] = readFileSync(output, 'utf8').trim().split('\n');
  const columns = lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [head.split(',')[at] ?? '', cell])));
  return { end: lastLine(`${output}.journal.jsonl`), output, columns };
}

beforeAll(async () => {
  const folder = join(tempFolder());
  model = join(folder, 'adult.onnx');
  copyFileSync(fixture('adult', 'adult.onnx'), model);
  const made = await scoreline(['profile', fixture('adult', 'adult.csv'), '-m', model, '--target', 'income']);
  expect(made.stderr).toBe('');
  contract = JSON.parse(readFileSync(join(folder, 'adult.contract.json'), 'utf8')) as Record<string, unknown>;
});

/** Every count that the journal has of what was planted. */
const EXACT = {
  rows: { in: ROWS.length, scored: ROWS.length - DATA.counts.text, rejected: DATA.counts.text, byCode: { 'not-a-number': DATA.counts.text } },
  missing: [{ column: 'workclass', rows: DATA.counts.blank }],
  unseen: [{ column: 'workclass', rows: DATA.counts.unseen, distinct: 3, isExact: true, error: 0, values: Object.entries(DATA.levels).map(([value, rows]) => ({ value, rows })).sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1)) }],
  outOfRange: [{ column: 'hours_per_week', rows: DATA.counts.outOfRange }],
}; // prettier-ignore

describe('what was planted in Adult is counted exactly', () => {
  test.each<[number, number, NonNullable<ScoreOptions['stringCodes']>]>([[1 << 20, 1, 'never'], [7_001, 2, 'never'], [50_000, 1, 'always'], [333_333, 2, 'always']])(
    'in chunks of %d bytes, by %d workers, strings coded: %s',
    async (chunkBytes, workers, stringCodes) => {
      const { end } = await scored({}, { chunkBytes, workers, stringCodes });
      expect(end).toMatchObject(EXACT);
      expect(end.drift).toMatchObject({ against: 'baseline' });
    },
  ); // prettier-ignore

  test('from Arrow as from CSV, and by a run that goes on from a checkpoint', async () => {
    const { folder, ...paths } = place({});
    const arrow = join(folder, 'planted.arrow');
    // every column is kept as text, so that nothing of the input is lost
    await score({ model: join(folder, 'adult.onnx'), input: paths.input, output: arrow, keep: 'all', prefix: 'p_', contract: 'none', maxRejects: { kind: 'share', share: 0.1 } });
    const output = join(folder, 'out.csv');
    await score({ ...paths, input: arrow, output, keep: 'none', chunkBytes: 20_000 });
    const end = lastLine(`${output}.journal.jsonl`);
    expect(end).toMatchObject({ missing: EXACT.missing, unseen: EXACT.unseen, outOfRange: EXACT.outOfRange, rows: { scored: EXACT.rows.scored } });
  });

  test('what came in is what is profiled and compared, whatever the rules make of it for the model', async () => {
    const ways = [
      {},
      { workclass: { onUnseen: 'missing' }, hours_per_week: { onOutOfRange: 'missing' } },
      { workclass: { onUnseen: 'value', value: ' Private' }, hours_per_week: { onOutOfRange: 'value', value: '40' } },
    ];
    const ends: (Ended & { profile?: unknown; ranges?: unknown })[] = [];
    for (const [index, way] of ways.entries()) ends.push((await scored({ rules: way }, { stringCodes: index === 1 ? 'always' : 'never' })).end);
    const [asItIs, ...others] = ends;
    expect(asItIs).toMatchObject(EXACT);
    expect(asItIs?.drift?.columns.find(({ column }) => column === 'workclass')?.unseen?.run).toBeCloseTo(DATA.counts.unseen / (EXACT.rows.scored - DATA.counts.blank), 12);
    const seen = ({ missing, unseen, outOfRange, ranges, profile, drift }: (typeof ends)[number]): unknown => ({ missing, unseen, outOfRange, ranges, columns: (profile as { columns: unknown }).columns, drift: drift?.columns });
    for (const other of others) expect(seen(other)).toEqual(seen(asItIs!));
  }); // prettier-ignore

  test('without any contract too, where the encoders of the model know what there is', async () => {
    const { end } = await scored(undefined);
    expect(end.unseen).toEqual(EXACT.unseen);
    expect(end.outOfRange).toBeUndefined();
    expect(end.drift).toMatchObject({ against: 'graph' });
  });

  test('a rule may reject, replace, or take for missing', async () => {
    const rejected = await scored({}, { onUnseen: 'reject' });
    expect(rejected.end.rows).toMatchObject({ rejected: DATA.counts.text + DATA.counts.unseen, byCode: { 'unseen-category': DATA.counts.unseen } });
    expect(rejected.end.unseen).toEqual([]);
    expect(readFileSync(`${rejected.output}.rejects.csv`, 'utf8')).toContain(' Martian');
    const rules = { workclass: { onUnseen: 'value', value: ' Private' }, hours_per_week: { onOutOfRange: 'value', value: '40' } };
    const replaced = await scored({ rules });
    expect(replaced.end).toMatchObject({ unseen: EXACT.unseen, outOfRange: EXACT.outOfRange, missing: EXACT.missing });
    // the scores are those of a file in which the values stood
    const { folder, ...paths } = place({});
    const mended = DATA.csv.replace(/, (?:Martian|Venusian|Lunar),/g, ', Private,').replaceAll(', 500,', ',500,').split('\n').map((line) => line.replace(/,\s*500,(?=[^,]*,[^,]*$)/, ', 40,')).join('\n');
    writeFileSync(paths.input, mended);
    const output = join(folder, 'mended.csv');
    await score({ ...paths, output, keep: 'none', maxRejects: { kind: 'share', share: 0.1 } });
    expect(readFileSync(output, 'utf8')).toBe(readFileSync(replaced.output, 'utf8'));
  });

  test('the journal tells unseen values as digests, or not at all, where that is asked for', async () => {
    const hashed = (await scored({}, { journalValues: 'hashed' })).end.unseen?.[0]?.values;
    expect(hashed?.every(({ value }) => /^sha256:[0-9a-f]{16}$/.test(value))).toBe(true);
    expect(hashed?.map(({ rows }) => rows)).toEqual(EXACT.unseen[0]?.values.map(({ rows }) => rows));
    const { end, output } = await scored({}, { journalValues: 'none' });
    expect(end.unseen).toEqual([{ ...EXACT.unseen[0], values: [] }]);
    expect(readFileSync(`${output}.journal.jsonl`, 'utf8')).not.toContain('Martian');
  });
}); // prettier-ignore

describe('business figures', () => {
  test('are those of the scores that were written, whatever the cut', async () => {
    const kpi = {
      likely: { shareAbove: { column: 'probability_>50K', threshold: 0.5 } },
      value: { expectedValue: { 'probability_>50K': 120, 'probability_<=50K': -10 } },
      matrix: { expectedValue: { '>50K': { 'probability_>50K': 100 }, '<=50K': { 'probability_<=50K': -1 } } },
    };
    const one = await scored({ kpi }, { chunkBytes: 1 << 20, workers: 1 });
    const other = await scored({ kpi }, { chunkBytes: 9_999, workers: 2 });
    expect(other.end.kpi).toEqual(one.end.kpi);
    const mean = (value: (row: Record<string, string>) => number): number => one.columns.reduce((sum, row) => sum + value(row), 0) / one.columns.length;
    const [yes, no] = [(row: Record<string, string>) => Number(row['probability_>50K']), (row: Record<string, string>) => Number(row['probability_<=50K'])];
    const figures = Object.fromEntries(one.end.kpi!.map(({ name, value }) => [name, value]));
    expect(figures['likely']).toBeCloseTo(mean((row) => (yes(row) >= 0.5 ? 1 : 0)), 12);
    expect(figures['value']).toBeCloseTo(mean((row) => 120 * yes(row) - 10 * no(row)), 5);
    expect(figures['matrix']).toBeCloseTo(mean((row) => (row['prediction']!.trim() === '>50K' ? 100 * yes(row) : -no(row))), 5);
  });
}); // prettier-ignore

describe('gates', () => {
  /** The command, over an output that is there already. */
  async function gated(flags: readonly string[], added: Record<string, unknown> | null = {}): Promise<{ status: number | null; stderr: string; end: Ended; output: string; withheld: string | undefined }> {
    const { folder, model: path, input } = place(added ?? undefined);
    const output = join(folder, 'out.csv');
    writeFileSync(output, 'old\n');
    const { status, stderr } = await scoreline(['score', '-m', path, input, '-o', output, '--max-rejects', '10%', ...flags]);
    const aside = `${output}.withheld`;
    return { status, stderr, end: lastLine(`${output}.journal.jsonl`), output: readFileSync(output, 'utf8'), withheld: existsSync(aside) ? readFileSync(aside, 'utf8') : undefined };
  }

  test('that hold change nothing: published, silent, 0', async () => {
    const { status, stderr, end, output } = await gated(['--gate', 'psi<=0.5:withhold', '--gate', 'rows>=100']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(output).not.toBe('old\n');
    expect(end.gates?.map(({ name, verdict }) => [name, verdict])).toEqual([['psi', 'pass'], ['rows', 'pass']]);
  });

  test('of level warn publish with status 3, and the journal says value and limit', async () => {
    const { status, stderr, end, output } = await gated(['--gate', 'unseen(workclass)<=0.5%']);
    expect({ status, stderr }).toEqual({ status: 3, stderr: 'scoreline: warning: unseen of "workclass" is 1.043%, expected at most 0.5% [gate-failed]\n' }); // cron mails it
    expect(output).not.toBe('old\n');
    expect(end).toMatchObject({ kind: 'COMMIT', gates: [{ name: 'unseen', column: 'workclass', value: DATA.counts.unseen / EXACT.rows.scored, level: 'warn', verdict: 'fail' }] });
  });

  test('of level withhold leave the old file, keep the predictions aside, and end with 76', async () => {
    const { status, stderr, end, output, withheld } = await gated(['--gate', 'score-mean(probability_>50K)<=0.01:withhold', '--gate', 'rows>=1']);
    expect(status).toBe(76);
    expect(stderr).toMatch(/score-mean of "probability_>50K" is 0\.\d+, expected at most 0\.01[\s\S]+out\.csv\.withheld/);
    expect(output).toBe('old\n');
    expect(withheld?.split('\n')).toHaveLength(EXACT.rows.scored + 2);
    expect(end).toMatchObject({ kind: 'FAIL', error: { code: 'gate-withheld', status: 76 }, gates: [{ verdict: 'fail' }, { verdict: 'pass' }] });
  });

  test('that cannot be judged are told, and withhold nothing: 3', async () => {
    const { status, end } = await gated(['--gate', 'psi<=0.1:withhold', '-q'], null);
    expect(status).toBe(3);
    expect(end).toMatchObject({ kind: 'COMMIT', gates: [{ name: 'psi', verdict: 'unknown' }] });
  });

  test('the usual number of rows of the contract warns by itself', async () => {
    const { status, end } = await gated([], { usualRows: { min: 20_000 } });
    expect(status).toBe(3);
    expect(end.gates).toMatchObject([{ name: 'rows', value: ROWS.length, level: 'warn', verdict: 'fail' }]);
  });
}); // prettier-ignore
