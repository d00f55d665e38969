import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { Layout } from '#src/batch/layout.js';
import type { RowReject } from '#src/batch/reject.js';
import { isHopeless, judgeEnd, type EndLimits } from '#src/check/limits.js';
import { emptyObservation, mergeObservation, observe } from '#src/check/observe.js';
import { rangeAt } from '#src/check/range-table.js';

const limits: EndLimits = {
  maxRejects: { kind: 'rows', rows: 0 },
  expectRows: undefined,
  allowEmpty: false,
  file: 'in.csv',
  rejectsPath: 'out.csv.rejects.csv',
  first: undefined,
};
const reject = (row: number): RowReject => ({
  row,
  line: row + 1,
  byte: 9,
  code: 'not-a-number',
  column: 'x',
  message: 'found text of 3 characters, expected a number (float32)',
  value: 'two',
  record: 'b,two',
});

describe('the end of a run is judged', () => {
  test.each([
    [{ kind: 'rows', rows: 0 }, 0, true],
    [{ kind: 'rows', rows: 0 }, 1, false],
    [{ kind: 'rows', rows: 5 }, 5, true],
    [{ kind: 'rows', rows: 5 }, 6, false],
    [{ kind: 'share', share: 0.01 }, 10, true],
    [{ kind: 'share', share: 0.01 }, 11, false],
    [{ kind: 'share', share: 0.29 }, 290, true],
    [{ kind: 'share', share: 0.07 }, 70, true],
    [{ kind: 'share', share: 0.07 }, 71, false],
    [{ kind: 'share', share: 1 }, 1000, true],
  ] as const)('%j with %i of 1,000 rejected: published %s', (maxRejects, rejected, published) => {
    const judge = () => judgeEnd({ rowsIn: 1000, rejected, stoppedEarly: false }, { ...limits, maxRejects });
    if (published) expect(judge).not.toThrow();
    else expect(judge).toThrow(expect.objectContaining({ code: 'too-many-rejects', status: 65 }));
  });

  test('the message has the first reject and its place, but not its value; the value is a detail', () => {
    let error: unknown;
    try {
      judgeEnd({ rowsIn: 3, rejected: 1, stoppedEarly: false }, { ...limits, first: reject(2) });
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      message: '1 of 3 rows was rejected, none allowed; the first: found text of 3 characters, expected a number (float32)',
      place: { file: 'in.csv', row: 2, line: 3, column: 'x' },
      details: { firstValue: 'two' },
    });
  });

  test('no rows, and another number of rows than expected', () => {
    const none = { rowsIn: 0, rejected: 0, stoppedEarly: false };
    expect(() => judgeEnd(none, limits)).toThrow(expect.objectContaining({ code: 'no-rows' }));
    const fixOf = (rowsIn: number): unknown => {
      try {
        return judgeEnd({ ...none, rowsIn }, { ...limits, expectRows: 3 });
      } catch (error) {
        return (error as { fix: string }).fix;
      }
    };
    expect(fixOf(2)).toContain('truncated');
    expect(fixOf(4)).not.toContain('truncated');
    expect(() => judgeEnd(none, { ...limits, allowEmpty: true })).not.toThrow();
    expect(() => judgeEnd({ ...none, rowsIn: 2 }, { ...limits, expectRows: 3 })).toThrow(expect.objectContaining({ code: 'row-count' }));
    expect(() => judgeEnd(none, { ...limits, allowEmpty: true, expectRows: 0 })).not.toThrow();
  });

  test('reading goes on for 10,000 rejects beyond a limit in rows, and to the end for a share', () => {
    expect([
      isHopeless(10_000, { kind: 'rows', rows: 0 }),
      isHopeless(10_001, { kind: 'rows', rows: 0 }),
      isHopeless(1e9, { kind: 'share', share: 0 }),
    ]).toEqual([false, true, false]);
  });
});

describe('what is observed', () => {
  const layout: Layout = {
    tensors: [{ type: 'float32', width: 2 }, { type: 'int64', width: 1 }, { type: 'string', width: 1 }],
    fields: ['a', 'b', 'c', 'd'].map((name, column) => ({ name, column, tensor: [0, 0, 1, 2][column] ?? 0, at: column === 1 ? 1 : 0, type: (['float32', 'float32', 'int64', 'string'] as const)[column] ?? 'float32', onMissing: { kind: 'nan' } as const })),
    kept: [],
  }; // prettier-ignore
  const results = [
    { field: { name: 'prediction', type: 'string' as const }, classes: ['yes', 'no'] },
    { field: { name: 'probability_yes', type: 'float32' as const }, classes: undefined },
  ];

  /** Rows of [a, b, c, d, label, probability]; undefined is a reject. */
  function observeRows(rows: readonly (readonly [number, number, bigint, string, string, number] | undefined)[]) {
    const batch = new Batch(layout);
    batch.reset(rows.length);
    const [matrix, ints, texts] = batch.tensors;
    const labels: string[] = [];
    const probabilities: number[] = [];
    rows.forEach((row, index) => {
      if (row === undefined) return batch.reject(reject(index));
      const at = batch.rows;
      (matrix?.values as Float32Array).set([row[0], row[1]], at * 2);
      (ints?.values as BigInt64Array)[at] = row[2];
      (texts?.values as string[])[at] = row[3];
      if (Number.isNaN(row[0])) batch.noteMissing(0);
      labels.push(row[4]);
      probabilities.push(row[5]);
      batch.accept();
    });
    const columns = [{ field: results[0]?.field ?? { name: '', type: 'string' }, values: labels }, { field: results[1]?.field ?? { name: '', type: 'float32' }, values: Float32Array.from(probabilities) }] as const; // prettier-ignore
    return observe(batch, columns, results);
  }
  const rows = [[1, -5, 7n, 'x', 'yes', 0.75], undefined, [NaN, 3, -(2n ** 40n), 'y', 'no', 0.25], [2, Infinity, 0n, '', 'perhaps', NaN]] as const;

  test('missing values, ranges, labels and what is not finite', () => {
    const { missing, ranges, results: spreads } = observeRows(rows);
    expect({ missing: [...missing], ranges: layout.fields.map((_, index) => rangeAt(ranges, index)), results: spreads }).toEqual({
      missing: [1, 0, 0, 0],
      ranges: [{ count: 2, min: 1, max: 2 }, { count: 2, min: -5, max: 3 }, { count: 3, min: -(2n ** 40n), max: 7n }, { count: 0, min: Infinity, max: -Infinity }],
      results: [
        { count: 0, min: Infinity, max: -Infinity, nonFinite: 0, labels: [1, 1, 1] },
        { count: 2, min: 0.25, max: 0.75, nonFinite: 1, labels: [] },
      ],
    }); // prettier-ignore
  });

  test('merging parts gives what the whole gives', () => {
    const merged = emptyObservation(layout, results);
    for (const row of rows) mergeObservation(merged, observeRows([row]));
    expect(merged).toEqual(observeRows(rows));
  });
});
