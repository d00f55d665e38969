import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judge } from '../../bench/claims.mjs';
import { compareOutputs, isRepeated, shareOfLabels } from '../../bench/compare.mjs';
import { generateFloats, generateMixed, generateWide, repeatRecords } from '../../bench/generate.mjs';
import { fillMarks } from '../../bench/marks.mjs';
import { measure, spread } from '../../bench/measure.mjs';
import { lastRun } from '../../bench/journal.mjs';
import { selfTimes } from '../../bench/profile.mjs';
import { claimsInMarkdown, figuresInMarkdown, stagesInMarkdown } from '../../bench/report.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scoreline-bench-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the generators', () => {
  const made = (name: string, fill: (path: string) => void) => {
    const file = join(folder, name);
    fill(file);
    return readFileSync(file, 'latin1');
  };
  const digestOf = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');

  it('gives the same bytes for the same size, about 267 a row', () => {
    const text = made('a.csv', (path) => generateFloats(path, 2_500));
    expect(digestOf(text)).toMatchInlineSnapshot(`"45d8b46626d99f7de3a7d93a498c0a09f9d0a0ebef949f05ae84a39c404116ec"`);
    expect(text.length / 2_500).toBeGreaterThan(262);
    expect(text.length / 2_500).toBeLessThan(272);
  });

  it('spoils one cell of every so many rows, and nothing else', () => {
    const clean = made('a.csv', (path) => generateFloats(path, 500)).split('\n');
    const spoiled = made('b.csv', (path) => generateFloats(path, 500, { spoiledEvery: 100 })).split('\n');
    const changed = spoiled.flatMap((line, at) => (line === clean[at] ? [] : [{ at, cells: line.split(','), before: clean[at]!.split(',') }]));
    expect(changed.map(({ at }) => at)).toEqual([100, 200, 300, 400, 500]);
    for (const { cells, before } of changed) expect(cells.filter((cell, index) => cell !== before[index])).toEqual(['n/x']);
  });

  it('gives strings of 2 to 1,000 categories beside numbers', () => {
    const [header, ...records] = made('m.csv', (path) => generateMixed(path, 20_000))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const counts = header!.map((_, at) => new Set(records.map((cells) => cells[at])).size);
    expect(header).toEqual(['id', 'n0', 'n1', 'n2', 'n3', 'n4', 'n5', 's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7']);
    expect(counts.slice(7)).toEqual([2, 4, 7, 12, 23, 50, 100, 1_000]);
    expect(records.flat().filter((cell) => cell === '')).toEqual([]);
  });

  it('gives 5,000 columns whose rows differ', () => {
    const [header, ...records] = made('w.csv', (path) => generateWide(path, 20))
      .trimEnd()
      .split('\n');
    expect(header!.split(',')).toHaveLength(5_001);
    expect(records.map((record) => record.split(',').length)).toEqual(Array.from({ length: 20 }, () => 5_001));
    expect(records.map((record) => record.split(',')[0])).toEqual(Array.from({ length: 20 }, (_, row) => String(row)));
    expect(new Set(records.map((record) => record.slice(record.indexOf(',')))).size).toBe(20);
  });

  it('repeats records under one header', () => {
    writeFileSync(join(folder, 'once'), 'a,b\n1,2\n3,4\n');
    const text = made('twice', (path) => repeatRecords(join(folder, 'once'), path, 2));
    expect(text).toBe('a,b\n1,2\n3,4\n1,2\n3,4\n');
    expect(isRepeated(join(folder, 'twice'), join(folder, 'once'), 2)).toBe(true);
    expect(isRepeated(join(folder, 'twice'), join(folder, 'once'), 3)).toBe(false);
    writeFileSync(join(folder, 'twice'), text.replace(/4\n$/, '5\n'));
    expect(isRepeated(join(folder, 'twice'), join(folder, 'once'), 2)).toBe(false);
  });
});

describe('the comparison', () => {
  const header = 'id,prediction,probability_0,probability_1';
  const compare = (mine: string[], other: string[], rejects = 0) => {
    for (const [name, lines] of Object.entries({ mine, other })) writeFileSync(join(folder, name), `${[header, ...lines].join('\n')}\n`);
    return compareOutputs(join(folder, 'mine'), join(folder, 'other'), { relative: 1e-6, absolute: 1e-7, rejects });
  };

  it('counts the rows that agree', async () => {
    expect(await compare(['0,1,0.25,0.75', '1,0,0.6,0.4'], ['0,1,0.25000001,0.75', '1,0,0.6,0.4'])).toBe(2);
  });

  it('lets a label differ where the probabilities are even', async () => {
    expect(await compare(['0,1,0.5,0.5'], ['0,0,0.5,0.5'])).toBe(1);
  });

  it.each([
    ['a probability', ['0,1,0.25,0.75'], ['0,1,0.2501,0.7499']],
    ['a label', ['0,1,0.25,0.75'], ['0,0,0.25,0.75']],
    ['an id', ['0,1,0.25,0.75'], ['7,1,0.25,0.75']],
    ['a missing value', ['0,1,NaN,0.75'], ['0,1,0.25,0.75']],
    ['a missing row', ['0,1,0.25,0.75'], ['0,1,0.25,0.75', '1,1,0.25,0.75']],
    ['a row too many', ['0,1,0.25,0.75', '1,1,0.25,0.75'], ['0,1,0.25,0.75']],
  ])('sees %s', async (_what, mine, other) => {
    await expect(compare(mine, other)).rejects.toThrow(/differs|ends before/);
  });

  it('lets as many rows be missing as were rejected, no more and no fewer', async () => {
    const all = ['0,1,0.25,0.75', '1,0,0.6,0.4', '2,0,0.7,0.3'];
    expect(await compare([all[0]!, all[2]!], all, 1)).toBe(2);
    expect(await compare([all[0]!, all[1]!], all, 1)).toBe(2);
    await expect(compare([all[0]!], all, 1)).rejects.toThrow(/differs|ends before/);
    await expect(compare(all, all, 1)).rejects.toThrow('lacks 0 rows');
  });

  it('counts the labels of another model that agree', async () => {
    writeFileSync(join(folder, 'mine'), 'predict,p0,p1\n1,0.2,0.8\n0,0.9,0.1\n');
    writeFileSync(join(folder, 'other'), `${header}\n0,1,0.3,0.7\n1,1,0.4,0.6\n`);
    expect(await shareOfLabels(join(folder, 'mine'), join(folder, 'other'), ['predict', 'prediction'])).toEqual({ rows: 2, share: 0.5 });
  });
});

describe('the verdicts', () => {
  const runs = (...seconds: number[]) => seconds.map((value) => ({ seconds: value, cpuSeconds: value, peakMB: 100 * value }));
  const record = {
    date: '2026-01-02T03:04:05.000Z',
    scoreline: '1.2.3',
    commit: undefined,
    machine: { cpu: 'a processor', cores: 2, memoryGB: 8, system: 'linux x64', node: '20.0.0' },
    threads: 2,
    results: [
      {
        name: 'logistic',
        title: 'a work',
        rows: 1_000,
        entrants: [
          { name: 'polars+ort', runs: runs(2, 1, 3) },
          { name: 'scoreline', runs: runs(1, 1.2, 1.1) },
          { name: 'scoreline-1-worker', runs: runs(1.9) },
          { name: 'scoreline-2-workers', runs: runs(1) },
          { name: 'ort-alone', runs: [{ seconds: 5, cpuSeconds: 5, peakMB: 5, insideSeconds: 0.5 }] },
        ],
      },
    ],
  };
  const verdicts = Object.fromEntries(judge(record).map(({ claim, value, verdict }) => [claim.title, [Number(value.toFixed(2)), verdict]]));

  it('divides medians, and holds them against what was claimed', () => {
    expect(verdicts['logistic regression, 28 floats']).toEqual([0.55, 'must']);
    expect(verdicts["peak memory of the first row's work"]).toEqual([0.55, 'short']);
  });

  it('takes the worst run for a bound in MB, and more for better where more is', () => {
    expect(verdicts['the same, in MB']).toEqual([120, 'aim']);
    expect(verdicts['one worker to two']).toEqual([1.9, 'aim']);
  });

  it('says nothing of what was not measured', () => {
    expect(Object.keys(verdicts)).toHaveLength(4);
  });

  it('stand in the Markdown with the machine and the date, and the runtime alone with its inner clock', () => {
    const text = claimsInMarkdown(record);
    expect(text).toContain('Scoreline 1.2.3, 2026-01-02, a processor, 2 cores, 8 GB');
    expect(text).toContain('| logistic regression, 28 floats | 1,000 | 1.10 s | 2.00 s polars+ort | 0.55 | <= 0.70 | <= 0.50 | must |');
    expect(text).not.toContain('busy');
    expect(claimsInMarkdown({ ...record, machine: { ...record.machine, loadBefore: 0.5 } })).toContain('(load 0.5)');
    expect(figuresInMarkdown(record)).toContain('| ort-alone (inside) | 0.50 s | 0.50-0.50 |');
  });
});

describe('the tables of the documentation', () => {
  it('are put between their marks, time and again', () => {
    const page = 'before\n<!-- bench: claims -->\nold\n<!-- bench: end -->\nafter\n';
    const filled = fillMarks(page, { claims: 'new' });
    expect(filled).toBe('before\n<!-- bench: claims -->\n\nnew\n\n<!-- bench: end -->\nafter\n');
    expect(fillMarks(filled, { claims: 'new' })).toBe(filled);
  });

  it.each([
    ['no mark', 'text'],
    ['a mark that is not known', '<!-- bench: other -->\n<!-- bench: end -->'],
    ['a mark that is not closed', '<!-- bench: claims -->\ntext'],
  ])('refuse a page with %s', (_what, page) => {
    expect(() => fillMarks(page, { claims: 'new' })).toThrow('<!-- bench: ');
  });
});

describe('the measurement', () => {
  it('gives the time that a process took', () => {
    const { seconds } = measure([process.execPath, '-e', 'for (const end = Date.now() + 100; Date.now() < end; );'], {
      cwd: folder,
      figures: join(folder, 'figures'),
    });
    expect(seconds).toBeGreaterThan(0.1);
  });

  it('gives the time that a process says it took inside', () => {
    const { insideSeconds } = measure([process.execPath, '-e', 'console.log(JSON.stringify({ insideSeconds: 0.25 }))'], {
      cwd: folder,
      figures: join(folder, 'figures'),
    });
    expect(insideSeconds).toBe(0.25);
  });

  it('fails when the process fails', () => {
    expect(() => measure([process.execPath, '-e', 'process.exitCode = 3'], { cwd: folder, figures: join(folder, 'figures') })).toThrow('status 3');
  });

  it('takes the middle of an even number of runs', () => {
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
  });
});

describe('what a run says of itself', () => {
  const stages = { total: 2, read: 0, decode: 3, check: 0.5, score: 0.25, encode: 0.125, write: 0 };

  it('is taken from the last line of its journal', () => {
    const lines = [
      { kind: 'COMMIT', seconds: { total: 9 }, decoder: { chunks: 9, declined: 9 } },
      { kind: 'START' },
      { kind: 'COMMIT', seconds: stages, decoder: { chunks: 4, declined: 1 } },
    ];
    const path = join(folder, 'journal');
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(lastRun(path)).toEqual({ stages, decoder: { chunks: 4, declined: 1 } });
    writeFileSync(path, `${JSON.stringify({ kind: 'FAIL' })}\n`);
    expect(() => lastRun(path)).toThrow('FAIL');
  });

  it('becomes a line of the table of stages, and others have none', () => {
    const run = { seconds: 2, stages, decoder: { chunks: 4, declined: 1 } };
    const entrants = [
      { name: 'polars+ort', runs: [{ seconds: 1 }] },
      { name: 'scoreline', runs: [run] },
    ];
    const [, , ...lines] = stagesInMarkdown({ results: [{ name: 'logistic', entrants }] }).split('\n');
    expect(lines).toEqual(['| logistic: scoreline | 2.00 s | 3.00 s | 0.50 s | 0.25 s | 0.13 s | 0.00 s | 0.00 s | 1 of 4 |']);
  });
});

describe('a profile', () => {
  it('gives the time of each function itself, whatever called it', () => {
    const frame = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url, lineNumber: 6 } });
    const nodes = [frame(1, '(idle)', ''), frame(2, 'parse', 'file:///a/b.js'), frame(3, 'parse', 'file:///a/b.js')];
    expect(selfTimes({ nodes, samples: [1, 2, 3, 2], timeDeltas: [250_000, 100_000, 400_000, 250_000] })).toEqual([
      { name: 'parse b.js:7', seconds: 0.75, share: 0.75 },
      { name: '(idle)', seconds: 0.25, share: 0.25 },
    ]);
  });
});
