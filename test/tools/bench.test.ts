import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../bench/compare.mjs';
import { generateFloats } from '../../bench/generate.mjs';
import { measure, spread } from '../../bench/measure.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scoreline-bench-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the generator', () => {
  it('gives the same bytes for the same size, about 267 a row', () => {
    const file = join(folder, 'a.csv');
    generateFloats(file, 2_500);
    const bytes = readFileSync(file);
    expect(createHash('sha256').update(bytes).digest('hex')).toMatchInlineSnapshot(
      `"45d8b46626d99f7de3a7d93a498c0a09f9d0a0ebef949f05ae84a39c404116ec"`,
    );
    expect(bytes.length / 2_500).toBeGreaterThan(262);
    expect(bytes.length / 2_500).toBeLessThan(272);
  });
});

describe('the comparison', () => {
  const header = 'id,prediction,probability_0,probability_1';
  const compare = (mine: string[], other: string[]) => {
    for (const [name, lines] of Object.entries({ mine, other })) writeFileSync(join(folder, name), `${[header, ...lines].join('\n')}\n`);
    return compareOutputs(join(folder, 'mine'), join(folder, 'other'), { relative: 1e-6, absolute: 1e-7 });
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
});

describe('the measurement', () => {
  it('gives the time that a process took', () => {
    const { seconds } = measure([process.execPath, '-e', 'for (const end = Date.now() + 100; Date.now() < end; );'], {
      cwd: folder,
      figures: join(folder, 'figures'),
    });
    expect(seconds).toBeGreaterThan(0.1);
  });

  it('fails when the process fails', () => {
    expect(() => measure([process.execPath, '-e', 'process.exitCode = 3'], { cwd: folder, figures: join(folder, 'figures') })).toThrow('status 3');
  });

  it('takes the middle of an even number of runs', () => {
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
  });
});
