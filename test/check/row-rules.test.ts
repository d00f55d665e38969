import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { ElementType } from '#src/batch/element.js';
import type { Expected, Field, Layout, ValueRule } from '#src/batch/layout.js';
import { nullTexts, openFieldStore } from '#src/batch/store.js';
import { FLEETING_CODE, UnseenTexts } from '#src/batch/unseen-texts.js';
import { RowRules } from '#src/check/row-rules.js';
import { Profiler } from '#src/profile/profiler.js';

/** What a field takes, as texts of cells; the empty cell is missing. */
type Column = {
  readonly type: ElementType;
  readonly coded?: readonly string[];
  readonly expected: Expected | undefined;
  readonly fill?: string;
  readonly cells: readonly string[];
};

const locate = (record: number) => ({ line: record, byte: record, record: `record ${record}` });

function batchOf(columns: readonly Column[]): { batch: Batch; rules: RowRules } {
  const layout: Layout = {
    tensors: columns.map(({ type, coded }) => (coded === undefined ? { type, width: 1 } : { type: 'int64', width: 1, codes: coded })),
    fields: columns.map(({ type, expected, fill }, index): Field => ({
      name: `c${index}`, column: index, tensor: index, at: 0, type, ...(expected === undefined ? {} : { expected }),
      onMissing: fill !== undefined ? { kind: 'value', text: fill } : type === 'string' ? { kind: 'empty' } : type.startsWith('float') ? { kind: 'nan' } : { kind: 'reject' },
    })),
    kept: [],
  }; // prettier-ignore
  const batch = new Batch(layout, { unseen: true });
  const rules = new RowRules(batch);
  batch.reset(columns[0]?.cells.length ?? 0);
  columns[0]?.cells.forEach((_, row) => {
    layout.fields.forEach((field, index) => {
      const stored = openFieldStore(field, batch.tensors[index]!, nullTexts()).text(row, columns[index]!.cells[row]!);
      if (stored === 'missing') batch.noteMissing(index);
    });
    batch.accept();
  });
  return { batch, rules };
}

/** What stands in a column then: texts of coded tensors by their codes, those that the graph does not know as `?`. */
function valuesOf({ batch }: { batch: Batch }, index: number): unknown[] {
  const { values, codes } = batch.tensors[index]!;
  const plain = Array.from({ length: batch.rows }, (_, row) => values[row]);
  return codes === undefined ? plain : plain.map((code) => (Number(code) > codes.length ? `code ${String(code)}` : (codes[Number(code)] ?? '?')));
}

/** Each by its text, those that the graph does not know, too. */
function textsOf({ batch }: { batch: Batch }, index: number): (string | undefined)[] {
  const { values, codes, unseen } = batch.tensors[index]!;
  return Array.from({ length: batch.rows }, (_, row) => (codes === undefined ? (values[row] as string) : (codes[Number(values[row])] ?? unseen?.textOf(Number(values[row])))));
} // prettier-ignore

const allow: ValueRule = { kind: 'allow' };

describe('values that are not as expected', () => {
  const CODES = ['', 'a', 'b', 'other'];
  const rule: fc.Arbitrary<ValueRule> = fc.constantFrom<ValueRule[]>(
    allow,
    { kind: 'missing' },
    { kind: 'value', text: 'b' },
    { kind: 'value', text: 'zz' },
    { kind: 'reject' },
  );
  const numberRule: fc.Arbitrary<ValueRule> = fc.constantFrom<ValueRule[]>(
    allow,
    { kind: 'missing' },
    { kind: 'value', text: '5' },
    { kind: 'reject' },
  );
  const texts = fc.constantFrom('', 'a', 'b', 'other', 'x', 'y', 'long'.repeat(100));
  const numbers = fc.constantFrom('', '-1', '0', '1', '5', '10', '10.5', '11', 'inf', '-inf');

  test('are counted and dealt with in numbers and texts, coded or not, exactly', () => {
    const table = fc.integer({ min: 0, max: 12 }).chain((rows) =>
      fc.record({
        first: fc.array(texts, { minLength: rows, maxLength: rows }), second: fc.array(numbers, { minLength: rows, maxLength: rows }),
        onUnseen: rule, onOutOfRange: numberRule, coded: fc.boolean(), isQuick: fc.boolean(), type: fc.constantFrom<ElementType>('float32', 'float64'),
      }),
    ); // prettier-ignore
    fc.assert(
      fc.property(table, ({ first, second, onUnseen, onOutOfRange, coded, isQuick, type }) => {
        const made = batchOf([
          { type: 'string', ...(coded ? { coded: CODES } : {}), expected: { categories: ['a', 'b'], onUnseen, onOutOfRange: allow }, cells: first },
          { type, expected: { min: 0, max: 10, onUnseen: allow, onOutOfRange }, cells: second },
        ]);
        const quick = new Profiler({ fields: [null, null], results: [] });
        quick.start(first.length);
        const hasActed = made.rules.apply(locate, isQuick ? quick : undefined);
        const isUnseen = (text: string): boolean => !['', 'a', 'b'].includes(text);
        const isOut = (text: string): boolean => text !== '' && (Number(text.replace('inf', 'Infinity')) < 0 || Number(text.replace('inf', 'Infinity')) > 10);
        expect(hasActed).toBe((onUnseen.kind !== 'allow' && first.some(isUnseen)) || (onOutOfRange.kind !== 'allow' && second.some(isOut)));
        const rejected = first.map((text, row) => (isUnseen(text) && onUnseen.kind === 'reject' ? 'unseen-category' : isOut(second[row]!) && onOutOfRange.kind === 'reject' ? 'outside-range' : null));
        expect(made.batch.rejects.map(({ row, code, column, value }) => [row, code, column, value])).toEqual(
          rejected.flatMap((code, row) => (code === null ? [] : [[row, code, code === 'outside-range' ? 'c1' : 'c0', code === 'outside-range' ? String(Number(second[row]!.replace('inf', 'Infinity'))) : first[row]]])),
        );
        const live = first.map((_, row) => row).filter((row) => rejected[row] === null);
        const counts = made.rules.counts();
        expect(counts.unseen[0]).toBe(live.filter((row) => isUnseen(first[row]!)).length);
        expect(counts.outOfRange[1]).toBe(live.filter((row) => isOut(second[row]!)).length);
        const byText = new Map<string, number>();
        for (const row of live) if (isUnseen(first[row]!)) byText.set(first[row]!, (byText.get(first[row]!) ?? 0) + 1);
        const told = counts.unseenTexts.get(0) ?? { texts: [], places: new Uint32Array(0) };
        expect([...told.places].map((place) => told.texts[place])).toEqual(live.filter((row) => isUnseen(first[row]!)).map((row) => first[row]));
        expect(told.texts).toEqual([...byText.keys()]);
        expect(made.batch.missing[0]).toBe(live.filter((row) => first[row] === '').length);
        expect(made.batch.missing[1]).toBe(live.filter((row) => second[row] === '').length);
        // what the model is given
        const replaced = (text: string): string => (!isUnseen(text) || onUnseen.kind === 'allow' ? text : onUnseen.kind === 'value' ? onUnseen.text : onUnseen.kind === 'missing' ? '' : text);
        const given = valuesOf(made, 0);
        for (const row of live) expect(given[row]).toBe(coded && !CODES.includes(replaced(first[row]!)) ? '?' : replaced(first[row]!));
        const numbersGiven = valuesOf(made, 1);
        for (const row of live) {
          const value = second[row] === '' ? NaN : Number(second[row]!.replace('inf', 'Infinity'));
          const expected = !isOut(second[row]!) || onOutOfRange.kind === 'allow' ? value : onOutOfRange.kind === 'value' ? 5 : NaN;
          expect(numbersGiven[row]).toEqual(expected);
        }
        // what is profiled: as it came in, of coded tensors what the graph has no code for, too
        made.rules.restore();
        expect(live.map((row) => textsOf(made, 0)[row])).toEqual(live.map((row) => first[row]));
        expect(live.map((row) => valuesOf(made, 1)[row])).toEqual(live.map((row) => (second[row] === '' ? NaN : Number(second[row]!.replace('inf', 'Infinity')))));
      }),
      { numRuns: 500 },
    ); // prettier-ignore
  });

  test('limits of a float32 are those of the numbers that it stands for', () => {
    const made = batchOf([{ type: 'float32', expected: { min: 0.1, max: 0.3, onUnseen: allow, onOutOfRange: { kind: 'reject' } }, cells: ['0.1', '0.3', '0.30000004', '0.09999999'] }]);
    made.rules.apply(locate);
    expect(made.batch.rejects.map(({ row, message }) => [row, message])).toEqual([[2, 'found a number outside the range 0.1 to 0.3'], [3, 'found a number outside the range 0.1 to 0.3']]);
  }); // prettier-ignore

  test('numbers may be categories, and what cannot be missing is rejected', () => {
    const expected: Expected = { categories: ['1', '2'], onUnseen: { kind: 'missing' }, onOutOfRange: allow };
    const made = batchOf([{ type: 'int64', expected, cells: ['1', '3', '2'] }]);
    made.rules.apply(locate);
    expect(made.batch.rejects).toMatchObject([{ row: 1, code: 'unseen-category', column: 'c0', value: '3' }]);
  });

  test('a type is counted apart from the range, and what its rule puts there is held against the range', () => {
    const cells = ['1', '1.5', '20', '20.5', '', 'inf'];
    const look = (onWrong: ValueRule) => {
      const made = batchOf([{ type: 'float32', expected: { type: { name: 'integer', onWrong }, min: 0, max: 10, onUnseen: allow, onOutOfRange: allow }, cells }]);
      made.rules.apply(locate);
      const { wrongType, outOfRange } = made.rules.counts();
      return { wrongType: wrongType[0], outOfRange: outOfRange[0], rejects: made.batch.rejects.map(({ row, code }) => [row, code]), values: valuesOf(made, 0) };
    };
    expect(look(allow)).toEqual({ wrongType: 3, outOfRange: 3, rejects: [], values: [1, 1.5, 20, 20.5, NaN, Infinity] });
    expect(look({ kind: 'missing' })).toEqual({ wrongType: 3, outOfRange: 1, rejects: [], values: [1, NaN, 20, NaN, NaN, NaN] });
    expect(look({ kind: 'value', text: '5' })).toMatchObject({ wrongType: 3, outOfRange: 1, values: [1, 5, 20, 5, NaN, 5] });
    expect(look({ kind: 'reject' })).toMatchObject({ wrongType: 0, outOfRange: 1, rejects: [[1, 'wrong-type'], [3, 'wrong-type'], [5, 'wrong-type']] });
  }); // prettier-ignore

  test('texts of a type are told from others, coded or not, and dates from those out of range', () => {
    const cells = ['2026-01-01', 'soon', '1999-12-31', '', '2026-02-30', '2030-01-01'];
    for (const coded of [undefined, ['', '2026-01-01', 'soon']]) {
      const expected: Expected = { type: { name: 'date', onWrong: { kind: 'missing' } }, min: Date.UTC(2000, 0, 1), onUnseen: allow, onOutOfRange: { kind: 'reject' } };
      const made = batchOf([{ type: 'string', ...(coded === undefined ? {} : { coded }), expected, cells }]);
      made.rules.apply(locate);
      expect(made.batch.rejects).toMatchObject([{ row: 2, code: 'outside-range', message: 'found a date outside the range from 2000-01-01 on', value: '1999-12-31' }]);
      expect(made.rules.counts()).toMatchObject({ wrongType: Float64Array.of(2), outOfRange: Float64Array.of(0), unseenTexts: new Map() });
      const last = coded === undefined ? '2030-01-01' : '?'; // a text that the graph has no code for is one any more
      expect(valuesOf(made, 0).filter((_, row) => row !== 2)).toEqual(['2026-01-01', '', '', '', last]);
      expect(made.batch.missing[0]).toBe(1);
    }
  }); // prettier-ignore

  test('what is taken as missing and cannot be says so', () => {
    const expected: Expected = { categories: ['1'], onUnseen: { kind: 'missing' }, onOutOfRange: allow };
    const made = batchOf([{ type: 'int64', expected, cells: ['3'] }]);
    made.rules.apply(locate);
    expect(made.batch.rejects[0]?.message).toBe(
      'found a value that is none of the 1 known categories, which is taken as missing: this input cannot be missing',
    );
  });

  test('a category that the graph has no code for is one, coded or not', () => {
    for (const coded of [undefined, ['', 'a']]) {
      const made = batchOf([{ type: 'string', ...(coded === undefined ? {} : { coded }), expected: { categories: ['a', 'b', 'c'], onUnseen: { kind: 'reject' }, onOutOfRange: allow }, cells: ['b', 'a', 'c\0d', 'x'] }]);
      made.rules.apply(locate);
      expect(made.batch.rejects.map(({ row }) => row)).toEqual([3]);
      if (coded !== undefined) expect(valuesOf(made, 0).slice(0, 3)).toEqual(['?', 'a', '?']);
      expect(made.rules.counts().unseen[0]).toBe(0);
      made.rules.restore();
      expect(textsOf(made, 0).slice(0, 3)).toEqual(['b', 'a', 'c\0d']);
    }
  }); // prettier-ignore

  test('of a coded tensor of which nothing is expected no value is unseen, and each can be told when it is scored', () => {
    const made = batchOf([{ type: 'string', coded: ['', 'a'], expected: undefined, cells: ['x', 'a', '', 'y'] }]);
    made.rules.apply(locate);
    expect(valuesOf(made, 0)).toEqual(['?', 'a', '', '?']);
    expect(made.rules.counts()).toMatchObject({ unseen: new Float64Array(1), unseenTexts: new Map() });
    made.rules.restore();
    expect(textsOf(made, 0)).toEqual(['x', 'a', '', 'y']);
  });

  test('what stands for a missing value is as expected, be it no category and outside the range', () => {
    const reject: ValueRule = { kind: 'reject' };
    const rules = { onUnseen: reject, onOutOfRange: reject };
    for (const column of [
      { type: 'string', expected: { categories: ['a'], ...rules }, fill: 'unknown', cells: ['', 'a', 'x'] },
      { type: 'string', coded: ['', 'a'], expected: { categories: ['a'], ...rules }, fill: 'unknown', cells: ['', 'a', 'x'] },
      { type: 'float32', expected: { min: 0, max: 1, ...rules }, fill: '-0.1', cells: ['', '0.5', '-0.2'] },
      { type: 'int64', expected: { categories: ['1'], ...rules }, fill: '-1', cells: ['', '1', '2'] },
    ] satisfies Column[]) {
      const made = batchOf([column]);
      made.rules.apply(locate);
      expect([column.type, ...made.batch.rejects.map(({ row }) => row)]).toEqual([column.type, 2]);
      expect(made.batch.missing[0]).toBe(1);
    }
  });

  test('a row that is rejected later is in no count', () => {
    const made = batchOf([{ type: 'string', expected: { categories: ['a'], onUnseen: { kind: 'missing' }, onOutOfRange: allow }, cells: ['x', '', 'a', 'x'] }]);
    made.rules.apply(locate);
    made.batch.rejectRows('runtime-error', new Map([[0, 'no'], [1, 'no']]), locate);
    expect(made.rules.counts().unseen[0]).toBe(1);
    expect(made.batch.missing[0]).toBe(0);
  }); // prettier-ignore
});

describe('texts that a graph has no code for', () => {
  test('keep their codes while there are not too many; the others hold for a chunk', () => {
    const texts = new UnseenTexts(3);
    const kept = Array.from({ length: 16_384 }, (_, index) => texts.codeOf(`kept ${index}`));
    expect(kept[0]).toBe(4);
    expect(texts.textOf(kept.at(-1)!)).toBe('kept 16383');
    const fleeting = texts.codeOf('one more');
    expect(fleeting).toBe(FLEETING_CODE);
    expect(texts.codeOf('one more')).toBe(fleeting);
    texts.forgetFleeting();
    expect(texts.codeOf('another')).toBe(FLEETING_CODE);
    expect(texts.textOf(FLEETING_CODE)).toBe('another');
    expect(texts.codeOf('kept 5')).toBe(kept[5]);
  });

  test('a long one is not kept', () => {
    expect(new UnseenTexts(0).codeOf('x'.repeat(257))).toBe(FLEETING_CODE);
  });
});
