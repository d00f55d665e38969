import { appendFileSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fork } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { flagKeys } from '#src/cli/job-keys.js';
import { UsageError } from '#src/errors/errors.js';
import { dayBefore, zonedTime } from '#src/job/clock.js';
import { judgeExpectation, unmetExpectation } from '#src/job/expectation.js';
import { isInput, sourceOf } from '#src/job/glob.js';
import { History } from '#src/job/history.js';
import { awaitInputs, listInputs } from '#src/job/inputs.js';
import { loadJob } from '#src/job/load.js';
import { fillTemplate, staysInside, templateFolder } from '#src/job/template.js';
import { errorInJobWords, inJobWords } from '#src/job/words.js';
import { appendToLedger, compactLedger, scanLedger } from '#src/publish/ledger.js';
import { tempFolder } from '../support/command.js';
import { readLedger } from './folder.js';

const load = (text: string, stateDirectory?: string) => {
  const file = join(tempFolder(), 'nightly.yaml');
  writeFileSync(file, text);
  return loadJob(
    file,
    flagKeys((path) => readFileSync(path, 'utf8')),
    stateDirectory,
  );
};
const BASE = 'model: m.onnx\ninput: in/*.csv\noutput: out/{stem}.csv\nkeep: [id]\n';

describe('a job file', () => {
  test('gives absolute paths and every default', async () => {
    const job = await load(BASE);
    const folder = job.file.replace('/nightly.yaml', '');
    expect(job).toMatchObject({
      name: 'nightly',
      output: `${folder}/out/{stem}.csv`,
      journal: `${folder}/nightly.journal.jsonl`,
      stateDir: folder,
      settleMs: 5000,
      identity: 'name-and-content',
      after: { kind: 'keep' },
      lowPriority: true,
      options: { model: `${folder}/m.onnx`, keep: ['id'] },
    });
    expect((await load(BASE, '/var/lib/x')).stateDir).toBe('/var/lib/x');
  });

  test('takes the values of flags as they are written', async () => {
    const text = `${BASE}positiveClass: 01\nnullValue: [null, ~, "", "-"]\nbind: { x: "a,b", "y=": '"q"' }\nmaxRejects: 1%\nchunkSize: 4MB\ncolumns: [none, "a,b", 1]\nnoHeader: true\ntag: { team: risk }\n`;
    const { options } = await load(text);
    expect(options).toMatchObject({
      positiveClass: '01',
      nullValues: ['null', '~', '', '-'],
      bind: { x: 'a,b', 'y=': '"q"' },
      maxRejects: { kind: 'share', share: 0.01 },
      chunkBytes: 4 << 20,
      csv: { header: false, columns: ['none', 'a,b', '1'] },
      labels: { team: 'risk' },
    });
    expect((await load(BASE.replace('[id]', 'none'))).options.keep).toBe('none');
    expect((await load(BASE.replace('[id]', '[none]'))).options.keep).toEqual(['none']);
  });

  const faults: [text: string, code: string, line: number, character: number][] = [
    ['kep: [id]\n', 'job-unknown-key', 5, 1],
    ['expect: { new: 0, by: "06:00" }\n', 'job-invalid', 5, 11],
    ['expect:\n  new: 1\n  by: "24:00"\n', 'job-invalid', 7, 3],
    ['threshold: 1.5\n', 'job-invalid', 5, 12],
    ['columns: [a]\n', 'job-invalid', 5, 10],
    ['journal: x\nnoJournal: true\n', 'job-invalid', 5, 10],
    ['settle: 1s\ndoneMarker: .done\n', 'job-invalid', 5, 1],
    ['zone: Mars/Base\n', 'job-invalid', 5, 1],
    ['after: { mov: x }\n', 'job-invalid', 5, 1],
    ['rejects: "in/{stem}.csv"\n', 'job-output-is-input', 5, 1],
    ['a: &a [*a]\n', 'job-not-yaml', 5, 8],
    ['b: !!js/function x\n', 'job-not-yaml', 5, 4],
  ];
  test.each(faults)('that says %j is refused with %s at its place', async (text, code, line, character) => {
    await expect(load(BASE + text)).rejects.toMatchObject({ code, status: 78, place: { line, character } });
  });
});

describe('templates', () => {
  test('are filled with what there is, and nothing else', () => {
    const fill = { name: '{run}.tar.gz', run: 'R', date: '2026-01-02' };
    expect(fillTemplate('/o/{date}/{stem}-{name}-{run}-{else}', fill)).toBe('/o/2026-01-02/{run}.tar-{run}.tar.gz-R-{else}');
    expect(templateFolder('/o/{date}/{stem}')).toBe('/o');
    expect(templateFolder('/{stem}')).toBe('/');
  });

  test('never lead out of their folder', () => {
    const fill = (name: string): string => fillTemplate('/o/{stem}', { name, run: 'R', date: 'D' });
    expect(['...csv', '..csv', 'a.csv', '-.csv', 'a\n.csv'].map((name) => staysInside('/o/{stem}', fill(name)))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  test('tell whether what is written would be read', async () => {
    const sources = [await sourceOf('in/**/*.csv', '/a [b]'), await sourceOf('box/', '/a [b]')];
    const paths = [
      '/a [b]/in/x.csv',
      '/a [b]/in/d/e/x.csv',
      '/a [b]/in/x.txt',
      '/a [b]/in/.x.csv',
      '/a [b]/box/any',
      '/a [b]/box/d/any',
      '/a b/in/x.csv',
    ];
    expect(paths.map((path) => isInput(path, sources))).toEqual([true, true, false, false, true, false, false]);
  });
});

describe('inputs', () => {
  const LOOK = { settleMs: 0, doneMarker: undefined, followLinks: false };

  test('are found at the depth that a pattern says, never behind a link', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'd/e'), { recursive: true });
    mkdirSync(join(folder, '.hidden'));
    for (const name of ['a.csv', 'd/b.csv', 'd/e/c.csv', '.hidden/h.csv', 'a.txt']) writeFileSync(join(folder, name), '');
    symlinkSync(join(folder, 'd'), join(folder, 'l'));
    const found = async (pattern: string, followLinks = false) =>
      (await listInputs({ ...LOOK, followLinks, sources: [await sourceOf(pattern, folder)] }, Date.now() + 10)).ready.map(({ name }) => name).sort();
    expect(await found('*.csv')).toEqual(['a.csv']);
    expect(await found('*/*.csv')).toEqual(['d/b.csv']);
    expect(await found('**/*.csv')).toEqual(['a.csv', 'd/b.csv', 'd/e/c.csv']);
    expect(await found('*/*.csv', true)).toEqual(['d/b.csv', 'l/b.csv']);
    expect(await found('./')).toEqual(['a.csv', 'a.txt']);
    expect(await found('d/b.csv')).toEqual(['b.csv']);
    expect(await found('{a,z}.csv')).toEqual(['a.csv']);
  });

  test('of the future are taken when they stay as they are', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'a.csv'), '');
    utimesSync(join(folder, 'a.csv'), 4e9, 4e9);
    const { ready, waiting } = await awaitInputs(
      { ...LOOK, settleMs: 20, sources: [await sourceOf('*.csv', folder)] },
      Date.now,
      new AbortController().signal,
    );
    expect([ready.length, waiting.length]).toEqual([1, 0]);
  });
});

describe('an expectation', () => {
  const at = (text: string): number => Date.parse(text);
  const expected = { new: 1, by: '06:00', since: '00:00', days: undefined };

  test('is due from its hour on, in its zone, and counts what came that day', () => {
    const judge = (now: string, arrivals: string[], more = {}) =>
      judgeExpectation({ ...expected, ...more }, arrivals.map(at), at(now), 'Europe/Berlin');
    expect(judge('2026-01-02T04:59:00Z', []).due).toBe(false);
    expect(judge('2026-01-02T05:00:00Z', [])).toMatchObject({ due: true, found: 0 });
    expect(judge('2026-07-02T04:00:00Z', [])).toMatchObject({ due: true });
    expect(judge('2026-01-02T05:00:00Z', ['2026-01-01T22:59:00Z', '2026-01-01T23:00:00Z'])).toMatchObject({ found: 1 });
    expect(judge('2026-01-02T05:00:00Z', ['2026-01-01T21:30:00Z'], { since: '22:00' })).toMatchObject({ found: 1, since: '2026-01-01 22:00' });
    expect(judge('2026-01-03T05:00:00Z', [], { days: ['mon', 'fri'] }).due).toBe(false);
    expect(judge('2026-01-02T05:00:00Z', [], { days: ['fri'] }).due).toBe(true);
  });

  test('is an error only when it is due and not met', () => {
    const judged = { due: true, found: 1, since: 'x' };
    expect(unmetExpectation({ ...expected, new: 2 }, judged, 1)).toMatchObject({ code: 'expected-input-missing', status: 66 });
    expect(unmetExpectation(expected, judged, 0)).toBeUndefined();
    expect(unmetExpectation({ ...expected, new: 2 }, { ...judged, due: false }, 0)).toBeUndefined();
  });

  test('goes by the calendar of the zone, over a change of clocks', () => {
    expect(zonedTime(at('2026-03-29T01:30:00Z'), 'Europe/Berlin')).toEqual({ date: '2026-03-29', time: '03:30', weekday: 'sun' });
    expect(zonedTime(at('2026-01-01T00:00:00Z'), 'UTC').time).toBe('00:00');
    expect(dayBefore('2026-03-01')).toBe('2026-02-28');
  });
});

describe('words of a job', () => {
  test.each([
    ['--keep names the column "x"', 'keep names the column "x"'],
    ['give --workers 1, a smaller --batch-rows, or more', 'give workers: 1, a smaller batchRows, or more'],
    ['--no-header --columns NAMES. -v', 'noHeader: true, columns: NAMES. -v'],
    ['--columns a,b,c', 'columns: [a, b, c]'],
    ['raise it (--max-rejects 1%)', 'raise it (maxRejects: 1%)'],
    ['only called otherwise: --bind hours_per_week=COLUMN. If', 'only called otherwise: bind: { hours_per_week: COLUMN }. If'],
    [`--bind a=b --bind 'c d=it'\\''s'`, `bind: { a: b, 'c d': 'it''s' }`],
    ["missing value: --null-value - --null-value '?' (in", "missing value: nullValue: ['-', '?'] (in"],
    ["--features 'a b,c'", "features: ['a b', c]"],
    ["Give --delimiter ';'; what", "Give delimiter: ';'; what"],
    ['missing: --ragged fill. --skip-lines 2', 'missing: ragged: fill. skipLines: 2'],
    ['run with --rescore, or --lock-wait 10m', 'run with --rescore, or --lock-wait 10m'],
    ['The same command goes on from row 7.', 'The next run goes on from row 7.'],
  ])('stand for flags: %s', (text, told) => {
    expect(inJobWords(text)).toBe(told);
  });

  test('what a command line would end with 64 for is the job file’s fault, 78', () => {
    const error = errorInJobWords(new UsageError('unknown-column', '--keep', { fix: '--keep a,b' }), 'nightly.yaml');
    expect(error).toMatchObject({ code: 'unknown-column', status: 78, message: 'keep', fix: 'keep: [a, b]', place: { file: 'nightly.yaml' } });
  });
});

describe('the ledger', () => {
  test('gives back what was written, passes over a torn end, counts what was changed', async () => {
    const path = join(tempFolder(), 'l.jsonl');
    await appendToLedger(path, [{ kind: 'a' }, { kind: 'b' }]);
    appendFileSync(path, '{"kind":"to');
    const { lines, damaged, end } = await readLedger(path);
    expect([lines.map(({ kind }) => kind), damaged]).toEqual([['a', 'b'], 0]);
    await appendToLedger(path, [{ kind: 'c' }]);
    const later: unknown[] = [];
    await scanLedger(path, (line) => later.push(line), end);
    expect(later).toEqual([{ kind: 'c' }]);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"a"', '"x"'));
    expect(await readLedger(path)).toMatchObject({ lines: [{ kind: 'b' }, { kind: 'c' }], damaged: 1 });
  });

  test('keeps all lines of ten writers at once, and of a compaction in the midst', async () => {
    const path = join(tempFolder(), 'l.jsonl');
    const writers = Array.from({ length: 10 }, (_, writer) => {
      const child = fork(new URL('./ledger-writer.mjs', import.meta.url), [path, String(writer)]);
      return new Promise((resolve) => child.once('exit', resolve));
    });
    for (let round = 0; round < 5; round++) await compactLedger(path, (lines) => lines).catch(() => undefined);
    expect(await Promise.all(writers)).toEqual(Array(10).fill(0));
    const { lines, damaged } = await readLedger(path);
    expect([lines.length, new Set(lines.map(({ id }) => id)).size, damaged]).toEqual([50, 50, 0]);
  }, 60_000);

  test('forgets nothing when it is compacted', async () => {
    const path = join(tempFolder(), 'l.jsonl');
    const history = await History.open(path, 'name-and-content');
    const stamp = { device: '1', inode: '2', bytes: 3, mtimeNs: '4', ctimeNs: '5' };
    const paths = { output: '/o', rejects: null, journal: null, templates: '' };
    const input = { name: 'a', sha256: 'f'.repeat(64), path: '/a', stamp, paths };
    for (let attempt = 0; attempt < 150; attempt++) {
      await history.attempt(input, '2026-01-01T00:00:00.000Z');
      await history.failed(input, { at: '2026-01-01T00:00:01.000Z', code: 'c', status: 65, message: 'm' });
    }
    await appendToLedger(path, [{ kind: 'published', ...input, name: 'b', at: '2026-01-02T00:00:00.000Z', run: 'r', output: { path: '/o', bytes: 1, sha256: 'x' } }]);
    await history.refresh();
    const before = history.all();
    await history.compact(0);
    expect((await readLedger(path)).lines).toHaveLength(2);
    const again = await History.open(path, 'name-and-content');
    expect(again.all()).toEqual(before.map((known) => expect.objectContaining(known) as object));
    expect(again.get('a', input.sha256)).toMatchObject({ attempts: 150, failure: { code: 'c' } });
    expect(again.publishedAs('b', input.sha256)).toBeDefined();
    expect(again.digestOf(stamp)).toBe(input.sha256);
  }, 60_000);
}); // prettier-ignore
