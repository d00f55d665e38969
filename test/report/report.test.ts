import { describe, expect, test } from 'vitest';
import { reportText } from '#src/cli/run-report/text.js';
import { columnPlot } from '#src/report/column-plot.js';
import type { Block, Report, Table } from '#src/report/content.js';
import type { ReportRun, RunFacts } from '#src/report/material.js';
import { makeReport } from '#src/report/report.js';
import { trendPoint } from '#src/report/trend.js';
import { figures, numbers, reportRun } from './samples.js';

const time = (ms: number): string => new Date(ms).toISOString();
const report = (run: ReportRun, before: readonly ReportRun[] = []): Report =>
  makeReport(run, { trend: [...before, run].map(trendPoint), journalFindings: [], time });
const blocks = (of: Report): readonly Block[] => of.sections.flatMap((section) => section.blocks);
const findings = (of: Report): readonly string[] =>
  blocks(of).flatMap((block) => (block.kind === 'findings' ? block.findings.map(({ level, text }) => `${level}: ${text}`) : []));
const ids = (of: Report): readonly string[] => of.sections.map(({ id }) => id);
const cells = (row: Table['rows'][number] | undefined): readonly string[] => (row ?? []).map((cell) => (typeof cell === 'string' ? cell : cell.text));

function table(of: Report, caption: string): Table {
  const found = blocks(of).flatMap((block) => (block.kind === 'table' && block.table.caption === caption ? [block.table] : []));
  expect(found, caption).toHaveLength(1);
  return found[0] as Table;
}

describe('a plot of a column of texts', () => {
  test('has a bar for what was never seen, for missing values and for all others', () => {
    const many = Array.from({ length: 14 }, (_, at) => ({ value: `${at} `, rows: 70, baseline: 10 }));
    const plot = columnPlot({ name: 'a', kind: 'text', count: 997, missing: 3, unseen: 5, distinct: 20, other: 0, categories: many }, undefined);
    expect(plot).toMatchObject({ kind: 'bars' });
    const bars = plot?.kind === 'bars' ? plot.bars : [];
    expect(bars.map(({ name }) => name)).toEqual([...many.slice(0, 12).map(({ value }) => `"${value}"`), '(other)', '(never seen)', '(missing)']);
    expect(bars.slice(12)).toEqual([
      { name: '(other)', run: (997 - 5 - 12 * 70) / 1000, baseline: 2 / 14 },
      { name: '(never seen)', run: 5 / 1000, baseline: 0 },
      { name: '(missing)', run: 3 / 1000, baseline: 0 },
    ]);
    expect(bars.reduce((sum, { run }) => sum + run, 0)).toBeCloseTo(1, 12);
    expect(bars.reduce((sum, { baseline = 0 }) => sum + baseline, 0)).toBeCloseTo(1, 12);
  });
});

describe('a report on a narrow terminal', () => {
  test('cuts no figure of a table: columns without room go on below, behind the first', () => {
    const head = ['column', 'psi', 'mean', 'missing'].map((name, at) => ({ name, right: at > 0 }));
    const rows = [['age', '0.123', '38.502 → 44.567 (+0.33σ)', '0% → 2.05%']];
    const text = reportText({ title: 't', sections: [{ id: 's', title: 's', blocks: [{ kind: 'table', table: { caption: 'c', head, rows } }] }] }, 44);
    expect(text).toBe(
      ['t', '', 'S', '  c', '  column    psi                      mean', '  age     0.123  38.502 → 44.567 (+0.33σ)', '', '  column     missing', '  age     0% → 2.05%', ''].join('\n'),
    );
  });
}); // prettier-ignore

describe('a report', () => {
  test('says what a person should know first: how it ended, gates, fallback, drift, unknown values, rejects', () => {
    expect(findings(report(reportRun()))).toEqual([
      'good: Published 997 of 1,000 rows',
      'warning: 1 gate of 3 did not hold: psi',
      'warning: 1 gate of 3 could not be judged: score-mean(age)',
      'warning: Fallback (rules) scored 3 rows: north',
      'warning: 1 of 3 columns drifted: age of text',
      'warning: 5 values never seen in training: age of text',
      'warning: 2 numbers outside the expected range: age',
      'note: 3 rows rejected (0.3%)',
      'note: 1 kind of warning',
    ]);
  });

  test('has a section for each thing that the run tells of, and none for what it does not', () => {
    const before = reportRun({ id: 'before' });
    expect(ids(report(reportRun(), [before]))).toEqual(['glance', 'rows', 'gates', 'drift', 'columns', 'scores', 'effort', 'trend', 'warnings', 'digests']);
    const { rows, seconds } = figures() as Required<RunFacts>;
    expect(ids(report(reportRun({ figures: { rows, seconds } })))).toEqual(['glance', 'rows', 'effort', 'digests']);
    expect(ids(report(reportRun({ figures: {}, start: undefined, status: 'aborted', aborted: 'died' })))).toEqual(['glance']);
  });

  test('of a journal without profiles shows missing values and ranges of scores', () => {
    const { missing, predictions } = figures() as Required<RunFacts>;
    const old = report(reportRun({ figures: { missing, predictions } }));
    expect(table(old, 'Missing values').rows).toEqual([['age', '7']]);
    expect(table(old, 'Scores').rows).toEqual([['probability', '0.001', '0.99', '1']]);
  });

  test('accounts for every row, and for every rejected one by column and code', () => {
    expect(table(report(reportRun()), 'Rows').rows).toEqual([['in', '1,000', '100%'], ['scored', '997', '99.7%'], ['rejected', '3', '0.3%']]);
    expect(table(report(reportRun()), 'Rejected rows by column and code').rows).toEqual([['age', 'not-a-number', '2', '0.2%'], ['(the whole record)', 'ragged-row', '1', '0.1%']]);
  });

  test('puts the columns that drifted first, in the table and among the plots', () => {
    const made = report(reportRun());
    expect(table(made, 'Drift by column that the model reads').rows.map(cells)).toEqual([
      ['age of text', 'drift: psi, unseen', '0.910', '0.100', '-', '-', '0% → 0%', '0% → 0.5%'],
      ['age', 'same', '0.012', '0.003', '0.020 (+0.010)', '38.6 → 38.5 (−0.01σ)', '0% → 0.7%', '-'],
    ]);
    const [plots] = blocks(made).flatMap((block) => (block.kind === 'plots' ? [block.plots] : []));
    expect(plots?.map(({ title, summary }) => [title, summary])).toEqual([
      ['age of text', 'drift, psi 0.910, 3 texts'],
      ['age', 'same, psi 0.012, median 37, 0.7% missing'],
    ]);
  });

  test('tells estimates and bounds from counts, where there were more unseen values than are counted one by one', () => {
    const caption = 'Most frequent values that the model has never seen';
    expect(table(report(reportRun()), caption).rows.map((row) => row.at(-1))).toEqual(['4', '1']);
    const { profile } = figures() as Required<RunFacts>;
    const columns = profile.columns.map((column) => (column.kind === 'text' ? { ...column, distinct: 48_671, isExact: false } : column));
    const unseen = [{ column: 'job', rows: 150_306, distinct: 48_656, isExact: false, error: 13, values: [{ value: 'cook', rows: 6624 }] }];
    const many = report(reportRun({ figures: { ...figures(), unseen, profile: { ...profile, columns } } }));
    expect(table(many, caption).rows).toEqual([['job', 'cook', '6,624 to 6,637']]);
    expect(blocks(many)).toContainEqual({ kind: 'text', text: 'More distinct unseen values than are counted one by one: job has about 48,700. How often each came is known within bounds.' });
    expect(table(many, 'Values of this run by column, over the rows scored').rows.find(([name]) => name === 'age of text')?.at(-1)).toBe('about 48,700');
  }); // prettier-ignore

  test('shows each gate in its own unit, and what could not be judged as such', () => {
    expect(table(report(reportRun()), 'Gates').rows.map(cells)).toEqual([
      ['psi', 'broken', '0.91', '≤ 0.25', 'withhold'],
      ['reject-rate', 'held', '0.3%', '≤ 1%', 'warn'],
      ['score-mean (age)', 'not known', '-', '≥ 0.1, ≤ 0.4', 'fallback'],
    ]);
  });

  test('compares shares of the values, so that a baseline of other size lies on the same scale', () => {
    const [histogram] = blocks(report(reportRun())).flatMap((block) => (block.kind === 'plots' ? block.plots.filter(({ kind }) => kind === 'histogram') : []));
    expect(histogram).toMatchObject({ kind: 'histogram', run: [40 / 990, 500 / 990, 350 / 990, 98 / 990, 2 / 990], baseline: [30 / 999, 510 / 999, 360 / 999, 99 / 999, 0] });
  });

  test('of a failed run says why and where', () => {
    const error = { code: 'no-space', status: 74, message: 'no space left', place: { file: 'scores.csv', line: 3 } };
    expect(findings(report(reportRun({ status: 'failed', error, figures: {} })))).toEqual(['failed: Failed: no space left (scores.csv, line 3) [no-space, exit status 74]']);
    const withheld = { code: 'gate-withheld', status: 76, message: 'psi is 0.9', place: {} };
    expect(findings(report(reportRun({ status: 'failed', error: withheld, figures: {} })))).toEqual(['failed: Not published: psi is 0.9 [gate-withheld, exit status 76]']);
    const died = reportRun({ status: 'aborted', aborted: 'rebooted', figures: {} });
    expect(findings(report(died))).toEqual(['failed: Aborted: the machine was restarted meanwhile; a later run closed it']);
  });

  test('of 5,000 columns lists 200 and draws 24, and says what is left out', () => {
    const columns = Array.from({ length: 5000 }, (_, at) => numbers(`c${at}`));
    const wide = report(reportRun({ figures: { profile: { rows: 997, columns, scores: [] } } }));
    expect(table(wide, 'Values by column, over the rows scored')).toMatchObject({ note: '4,800 more are in the journal.' });
    const [plots] = blocks(wide).filter((block) => block.kind === 'plots');
    expect(plots).toMatchObject({ note: '4,976 more columns are not drawn.' });
    expect(plots?.kind === 'plots' && plots.plots.length).toBe(24);
  });

  test('follows the score of the latest run through runs of a model that had another', () => {
    const other = reportRun({ figures: { ...figures(), profile: { rows: 1, columns: [], scores: [numbers('risk')] } } });
    const trend = blocks(report(reportRun(), [other, reportRun()])).flatMap((block) => (block.kind === 'plots' ? block.plots.filter(({ kind }) => kind === 'series') : []));
    expect(trend.map(({ title }) => title)).toEqual(['Rows', 'Rejected rows', 'Missing values, worst column', 'Largest psi', 'Mean of probability', 'Seconds']);
    expect(trend[4]).toMatchObject({ points: [{ value: null }, { value: 38.5 }, { value: 38.5 }] });
  });
}); // prettier-ignore
