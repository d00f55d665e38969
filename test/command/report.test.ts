import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeEntry, GENESIS, type EntryDraft } from '#src/journal/entry.js';
import type { CommitRecord } from '#src/journal/record.js';
import { COMMIT, FAIL, ROWS, sampleRun, START } from '../journal/samples.js';
import { parsePage, type PageDocument } from '../report/dom.js';
import { figures } from '../report/samples.js';
import { faultsOf } from '../report/validity.js';
import { fixture, scoreline, tempFolder } from '../support/command.js';

const JOURNAL = 'scores.csv.journal.jsonl';

/** A folder with a journal of these lines, a day between one and the next. */
function folderWith(drafts: readonly EntryDraft[], damage: (text: string) => string = (text) => text): string {
  const folder = tempFolder();
  let link = GENESIS;
  const lines = drafts.map((draft, at) => {
    const encoded = encodeEntry(draft, new Date(Date.UTC(2026, 10, 1 + at, 2, 15)).toISOString(), link);
    link = encoded.link;
    return encoded.line.toString();
  });
  writeFileSync(join(folder, JOURNAL), damage(lines.join('')));
  return folder;
}

const WHOLE = { ...COMMIT, ...figures(), rows: { ...ROWS, byFallback: 3 } } as CommitRecord;
const started = (n: number): EntryDraft => ({ kind: 'START', run: sampleRun(n), record: START });
const committed = (n: number): EntryDraft => ({ kind: 'COMMIT', run: sampleRun(n), record: WHOLE });
const RUNS: readonly EntryDraft[] = [
  started(1),
  committed(1),
  started(2),
  { kind: 'FAIL', run: sampleRun(2), record: FAIL },
  started(3),
  committed(3),
  started(4),
];

const report = (folder: string, ...flags: string[]) => scoreline(['report', '--utc', ...flags], { cwd: folder });

async function pageOf(folder: string, ...flags: string[]) {
  expect(await report(folder, '-o', 'report.html', ...flags)).toMatchObject({ status: 0, stderr: '' });
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(faultsOf(page)).toEqual([]);
  expect(page).not.toMatch(/https?:|\/\/|url\(|<script/i);
  expect(Buffer.byteLength(page)).toBeLessThan(150_000);
  return parsePage(page);
}

/** The rows of the table with this caption: texts of its cells. */
function rowsOf(document: PageDocument, caption: string): string[][] {
  const table = [...document.querySelectorAll('table')].find((each) => each.querySelector('caption')?.textContent === caption);
  return [...(table?.querySelectorAll('tbody tr') ?? [])].map((row) => [...row.children].map(({ textContent }) => textContent ?? ''));
}

describe('scoreline report on a terminal', () => {
  test('shows the run that ended last, whole, as tables and sparklines', async () => {
    const { status, stdout, stderr } = await report(folderWith(RUNS));
    expect([status, stderr]).toEqual([0, '']);
    await expect(stdout.toString()).toMatchFileSnapshot('golden/report.txt');
  });

  test('shows another run by the beginning or the end of its id, with the trend up to it', async () => {
    const folder = folderWith(RUNS);
    const failed = await report(folder, '--run', sampleRun(2).slice(-12));
    expect(failed).toMatchObject({ status: 0, stderr: '' });
    expect(failed.stdout.toString()).toContain(`✕ Failed: cannot write 'scores.csv': no space left on the device (scores.csv) [no-space, exit status 74]`);
    expect(failed.stdout.toString()).toContain('The last 2 runs up to this one, 1 of them not published');
    expect((await report(folder, '--run', sampleRun(1), '--runs', '1')).stdout.toString()).not.toContain('TREND');
  });
}); // prettier-ignore

describe('scoreline report refuses', () => {
  test.each<[string, string[], number, string, string]>([
    ['a journal that is not there', ['other.jsonl'], 66, 'journal-missing', 'no such file'],
    [
      'an id with a slip, and proposes the right one',
      ['--run', `${sampleRun(3).slice(0, -1)}9`],
      66,
      'run-missing',
      `did you mean "${sampleRun(3)}"`,
    ],
    ['the beginning of several ids', ['--run', sampleRun(1).slice(0, 8)], 64, 'run-ambiguous', sampleRun(2)],
    ['a run without an end', ['--run', sampleRun(4)], 66, 'run-open', 'has no end in the journal yet'],
    ['to write over the journal', ['-o', `./${JOURNAL}`], 64, 'same-file', 'the report and the journal are the same file'],
  ])('%s', async (_, flags, status, code, said) => {
    const folder = folderWith(RUNS);
    const before = readFileSync(join(folder, JOURNAL));
    const ended = await report(folder, ...flags);
    expect(ended).toMatchObject({ status, stderr: expect.stringContaining(code) as string });
    expect(ended.stderr).toContain(said);
    expect(readFileSync(join(folder, JOURNAL))).toEqual(before);
    expect(readdirSync(folder)).toEqual([JOURNAL]);
  });

  test('a journal whose only run is open, or that has none', async () => {
    expect(await report(folderWith([started(1)]))).toMatchObject({ status: 66, stderr: expect.stringContaining('run-open') as string });
    expect(await report(folderWith([]))).toMatchObject({ status: 66, stderr: expect.stringContaining('run-missing') as string });
    expect(await report(folderWith([], () => 'id,x\n1,2\n'))).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('not-a-journal') as string,
    });
  });
});

describe('of a damaged journal', () => {
  test('a line that was changed is left out, said on the page, and the end is 65', async () => {
    const folder = folderWith(RUNS, (text) => text.replace('"code":"no-space"', '"code":"all-well"'));
    expect(await report(folder, '-o', 'report.html')).toMatchObject({ status: 65, stderr: expect.stringContaining('journal-damaged') as string });
    const document = parsePage(readFileSync(join(folder, 'report.html'), 'utf8'));
    expect(document.querySelector('.findings li')?.textContent).toContain(
      'The journal is damaged: 1 line changed after being written and left out here, first line 4 of',
    );
    expect(document.querySelector('h1')?.textContent).toBe('churn.onnx on customers.csv');
  });

  test('a line that a crash left half-written is told, and held against nobody', async () => {
    const folder = folderWith(RUNS, (text) => `${text}{"v":1,"seq":9`);
    const document = await pageOf(folder);
    expect(document.querySelector('.findings li')?.textContent).toContain('1 line of the journal half-written');
  });
});

describe('scoreline report -o of a real run', () => {
  /** Adult: what was planted in known places, and how many rows it is in. */
  function planted(folder: string): void {
    const [head = '', ...rows] = readFileSync(fixture('adult', 'adult.csv'), 'utf8').trimEnd().split('\n');
    const at = (name: string): number => head.split(',').indexOf(name);
    const cells = rows.slice(6000, 9000).map((row) => row.split(','));
    cells.forEach((row, index) => {
      if (index % 10 === 0) row[at('workclass')] = '<b>gig & odd</b>';
      if (index % 25 === 1) row[at('age')] = '';
      if (index % 50 === 2) row[at('age')] = 'old';
      if (index % 100 === 3) row[at('age')] = '230';
    });
    writeFileSync(join(folder, 'train.csv'), `${[head, ...rows.slice(0, 6000)].join('\n')}\n`);
    writeFileSync(join(folder, 'today.csv'), `${[head, ...cells.map((row) => row.join(','))].join('\n')}\n`);
    copyFileSync(fixture('adult', 'adult.onnx'), join(folder, 'm.onnx'));
  }

  test('Adult: the page has every planted value in its count, and draws the run beside the baseline', async () => {
    const folder = tempFolder();
    planted(folder);
    const run = (...line: string[]) => scoreline(line, { cwd: folder });
    expect(await run('profile', 'train.csv', '-m', 'm.onnx')).toMatchObject({ status: 0 });
    for (let day = 0; day < 2; day++)
      expect(await run('score', '-m', 'm.onnx', 'today.csv', '-o', 'scores.csv', '--max-rejects', '5%')).toMatchObject({ status: 0 });
    const document = await pageOf(folder);
    expect(rowsOf(document, 'Rows').map(([name, count]) => [name, count])).toEqual([['in', '3,000'], ['scored', '2,940'], ['rejected', '60']]); // prettier-ignore
    expect(rowsOf(document, 'Rejected rows by column and code')).toEqual([['age', 'not-a-number', '60', '2%']]);
    const values = rowsOf(document, 'Values of this run by column, over the rows scored');
    expect(values.find(([name]) => name === 'age')?.slice(0, 4)).toEqual(['age', '120 (4.08%)', '-', '30 (1.02%)']);
    expect(values.find(([name]) => name === 'workclass')?.slice(0, 3)).toEqual(['workclass', '0', '300 (10.2%)']);
    const drift = rowsOf(document, 'Drift by column that the model reads');
    expect(drift.slice(0, 2).map(([name, verdict]) => [name, verdict])).toEqual([['workclass', '▲ drift: psi, unseen'], ['age', expect.stringMatching(/^▲ drift: .*missing/)]]); // prettier-ignore
    expect(drift).toHaveLength(14);
    const drawn = [...document.querySelectorAll('figure')].map((each) => [each.querySelector('strong')?.textContent, each.querySelectorAll('.baseline').length > 0]);
    expect(drawn.slice(0, 14).every(([, isCompared]) => isCompared)).toBe(true);
    expect(drawn.map(([title]) => title)).toEqual(expect.arrayContaining(['workclass', 'age', 'probability_>50K', 'Time by stage', 'Rows', 'Largest psi']));
  }); // prettier-ignore

  test('bike sharing: 2012 against a baseline of 2011, with the figures of the journal', async () => {
    const folder = tempFolder();
    const [head = '', ...rows] = readFileSync(fixture('bike-sharing', 'bike-sharing-hour.csv'), 'utf8').trimEnd().split(/\r?\n/);
    const yearAt = head.split(',').indexOf('yr');
    for (const [name, year] of [['2011.csv', '0'], ['2012.csv', '1']] as const)
      writeFileSync(join(folder, name), `${[head, ...rows.filter((row) => row.split(',')[yearAt] === year)].join('\n')}\n`);
    writeFileSync(join(folder, 'bike.rules.yaml'), BIKE_RULES);
    const run = (...line: string[]) => scoreline(line, { cwd: folder });
    expect(await run('profile', '2011.csv', '-m', 'bike.rules.yaml')).toMatchObject({ status: 0 });
    expect(await run('score', '-m', 'bike.rules.yaml', '2012.csv', '-o', 'scores.csv', '--gate', 'psi<=0.25:withhold')).toMatchObject({ status: 76 });
    const { drift } = JSON.parse(readFileSync(join(folder, JOURNAL), 'utf8').trimEnd().split('\n').at(-1) ?? '') as Required<CommitRecord>;
    const document = await pageOf(folder);
    const shown = rowsOf(document, 'Drift by column that the model reads');
    expect(shown.filter(([, verdict]) => verdict?.includes('drift')).map(([name]) => name)).toEqual(['registered', 'casual']);
    const psiOf = new Map(drift.columns.map(({ column, psi }) => [column, psi ?? 0]));
    for (const [name = '', , psi] of shown) expect(psi).toBe((psiOf.get(name) ?? 0) < 0.0005 ? '<0.001' : psiOf.get(name)?.toFixed(3));
    expect(document.querySelector('.findings .failed')?.textContent).toContain('Not published: the predictions are withheld');
    expect(rowsOf(document, 'Gates')).toEqual([['psi', '✕ broken', expect.stringMatching(/^0\.\d+$/), '≤ 0.25', 'withhold']]);
    expect(document.querySelector('section p')?.textContent).toContain('8,734 rows of this run compared with the baseline of the contract (8,645 rows)');
  }); // prettier-ignore

  test('replaces an earlier page whole, and leaves nothing beside it', async () => {
    const folder = folderWith(RUNS);
    await pageOf(folder, '--run', sampleRun(1));
    await pageOf(folder);
    expect(readdirSync(folder).sort()).toEqual(['report.html', JOURNAL]);
    expect(existsSync(join(folder, 'report.html'))).toBe(true);
  });
});

const BIKE_RULES = `version: scoreline.rules/1
columns: { season: text, hr: number, workingday: number, temp: number, hum: number, windspeed: number, registered: number, casual: number }
outputs: { prediction: number }
rules:
  - when: temp > 0.6 && hum < 0.8
    then: { prediction: 320 }
  - when: registered > 300.0
    then: { prediction: 410 }
  - then: { prediction: 150 }
`;
