import type { Batch } from '../../batch/batch.js';
import { parseNumber } from '../../batch/number.js';
import type { ResultColumn } from '../../batch/result.js';
import { textWriter } from '../../batch/text.js';
import { dayMs } from '../../batch/value-type.js';
import type { GoldenRow } from '../../contract/contract.js';

/** What a worker looks at beside the profile, by names of kept columns. Plain data. */
export interface SurveySetup {
  /** Columns that the model reads: cells of golden rows. */
  readonly reads: readonly string[];
  readonly target: string | undefined;
  /** A column of dates. */
  readonly date: string | undefined;
}

/** What a worker saw of a chunk. By scored row, in order. */
export interface Survey {
  readonly target: Target | undefined;
  /** Result columns, in their order: numbers, or texts by place in a list. */
  readonly results: readonly (Float64Array | Coded)[];
  /** The latest date, as `2026-06-30`, and values that are none. */
  readonly latest: string | undefined;
  readonly undated: number;
  /** Rows of the first chunk with their scores. */
  readonly golden: readonly GoldenRow[];
}

/** Texts by place in a list. */
export interface Coded {
  readonly texts: readonly string[];
  readonly codes: Uint32Array;
}

/** The truth of each row: its text, and as a number, NaN where it is none. */
export type Target = Coded & { readonly numbers: Float64Array };

/** Golden rows are taken from so many rows at the start, which any chunk holds: the first, the last, and one between. */
const GOLDEN_FROM = 100;
const GOLDEN_ROWS = 3;

/** Looks at the scored rows of a batch. */
export function survey(batch: Batch, columns: readonly ResultColumn[], setup: SurveySetup, isFirst: boolean): Survey {
  const records = batch.acceptedRecords();
  const kept = new Map(batch.kept.map((column) => [column.name, column]));
  const texts = (name: string | undefined): Coded | undefined => {
    const column = name === undefined ? undefined : kept.get(name);
    return column && coded(records.length, (index) => column.text(records[index] as number) ?? '');
  };
  const [target, dates] = [texts(setup.target), texts(setup.date)];
  return {
    target: target && { ...target, numbers: numbersOf(target) },
    results:
      target === undefined ? [] : columns.map(({ values }) => {
        const rowOf = (index: number): number => batch.slots[records[index] as number] as number;
        if (typeof values[0] === 'string') return coded(records.length, (index) => String(values[rowOf(index)]));
        return Float64Array.from({ length: records.length }, (_, index) => Number(values[rowOf(index)]));
      }),
    ...latestOf(dates),
    golden: isFirst ? goldenOf(batch, columns, records, setup.reads, kept) : [],
  };
} // prettier-ignore

function coded(length: number, textAt: (index: number) => string): Coded {
  const places = new Map<string, number>();
  const codes = Uint32Array.from({ length }, (_, index) => {
    const text = textAt(index);
    const place = places.get(text) ?? places.size;
    if (place === places.size) places.set(text, place);
    return place;
  });
  return { texts: [...places.keys()], codes };
}

function numbersOf({ texts, codes }: Coded): Float64Array {
  const numbers = texts.map((text) => parseNumber(text) ?? NaN);
  return Float64Array.from(codes, (code) => numbers[code] as number);
}

function latestOf(dates: Coded | undefined): Pick<Survey, 'latest' | 'undated'> {
  const days = (dates?.texts ?? []).map(dayOf);
  const latest = days.reduce((last, day) => (day !== undefined && (last === undefined || day > last) ? day : last), undefined);
  return { latest, undated: dates === undefined ? 0 : dates.codes.reduce((sum, code) => sum + (days[code] === undefined ? 1 : 0), 0) };
}

/** The day of a date or an instant, as `2026-06-30`; undefined where the calendar has none such. */
export function dayOf(text: string): string | undefined {
  const day = /^\s*(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(text)?.[1];
  return day === undefined || dayMs(day) === undefined ? undefined : day;
}

function goldenOf(
  batch: Batch,
  columns: readonly ResultColumn[],
  records: Uint32Array,
  reads: readonly string[],
  kept: ReadonlyMap<string, Batch['kept'][number]>,
): GoldenRow[] {
  const among = Math.min(GOLDEN_FROM, records.length);
  const count = Math.min(GOLDEN_ROWS, columns.length === 0 ? 0 : among);
  return Array.from({ length: count }, (_, index) => {
    const record = records[count === 1 ? 0 : Math.round((index * (among - 1)) / (count - 1))] as number;
    const row = batch.slots[record] as number;
    return {
      row: Object.fromEntries(reads.map((name) => [name, kept.get(name)?.text(record) ?? null])),
      expect: Object.fromEntries(columns.map(({ field, values }) => [field.name, expected(textWriter(field.type)(values, row), values[row])])),
    };
  });
}

/** A number as it stands in the output, where JSON has one for it. */
function expected(text: string, value: unknown): string | number {
  return typeof value === 'string' || !Number.isFinite(Number(text)) ? text : Number(text);
}
