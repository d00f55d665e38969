import { allocate } from '../../batch/element.js';
import type { Field } from '../../batch/layout.js';
import type { Decimal } from '../../batch/number.js';
import type { RejectCode } from '../../batch/reject.js';
import { openFieldStore, type NullTexts } from '../../batch/store.js';
import { openReaders } from '../../check/value-reader.js';
import { areThousands, recognise, type Shape } from './recognise.js';

/** A value, how many rows have its like, and the first of them. */
export interface Sighting {
  readonly value: string;
  /** Counts from 0 in the rows looked at. */
  readonly record: number;
  rows: number;
}

/** Values of a column that the model cannot take, of one kind. */
export interface Unread extends Sighting {
  readonly code: RejectCode;
  readonly shape: Shape;
  /** Different ones, a few. */
  readonly texts: string[];
}

/** What the first rows hold for one field of the layout. */
export interface ColumnSurvey {
  readonly field: Field;
  /** Rows that have the column: records that break the grammar have none. */
  readonly rows: number;
  readonly read: number;
  readonly missing: number;
  readonly unread: readonly Unread[];
  /** Texts that are no known category, by text. */
  readonly unseen: readonly Sighting[];
  readonly outOfRange: Sighting | undefined;
  readonly wrongType: Sighting | undefined;
}

/** Texts of a column by record; undefined where the record has none, null where the value is. */
export type CellsOf = (record: number) => string | null | undefined;

/** How the texts of the input are read. */
export interface Reading {
  readonly nullsOf: (field: Field) => NullTexts;
  readonly decimal: Decimal;
}

const FEW_TEXTS = 20;

/** Reads a column of the first `records` by itself, as the decoders read it, whatever is wrong with the others. */
export function surveyColumn(field: Field, cells: CellsOf, records: number, { nullsOf, decimal }: Reading): ColumnSurvey {
  const own: Field = { ...field, tensor: 0, at: 0 };
  const tensor = { type: field.type, width: 1, values: allocate(field.type, records) };
  const store = openFieldStore(own, tensor, nullsOf(field), decimal);
  const recordOf: number[] = [];
  const unread = new Map<string, Unread>();
  let [rows, missing] = [0, 0];
  for (let record = 0; record < records; record++) {
    const text = cells(record);
    if (text === undefined) continue;
    rows++;
    const stored = text === null ? store.missing(recordOf.length) : store.text(recordOf.length, text);
    if (stored === 'stored') recordOf.push(record);
    else if (stored === 'missing' || stored === 'missing-value') missing++;
    else noteUnread(unread, { code: stored, text: text ?? '', record, own: field.name });
  }
  return { field, rows, read: recordOf.length, missing, unread: settled([...unread.values()]), ...lookAt(own, tensor, recordOf) };
}

function noteUnread(
  into: Map<string, Unread>,
  { code, text, record, own }: { readonly code: RejectCode; readonly text: string; readonly record: number; readonly own: string },
): void {
  const shape = code === 'not-an-integer' ? 'fraction' : code === 'out-of-range' ? 'too-large' : recognise(text, own);
  const known = into.get(`${code} ${shape}`);
  if (known === undefined) {
    into.set(`${code} ${shape}`, { code, shape, value: text, record, rows: 1, texts: [text] });
    return;
  }
  known.rows++;
  if (known.texts.length < FEW_TEXTS && !known.texts.includes(text)) known.texts.push(text);
}

/** `1,234` beside `12,5` has a decimal comma; where all are like it, beside `1,234,567` too, they are thousands. */
function settled(unread: readonly Unread[]): readonly Unread[] {
  const commas = unread.find(({ shape }) => shape === 'decimal-comma');
  if (commas === undefined || !areThousands(commas.texts)) return unread;
  const [first, second] = [commas, unread.find(({ shape, code }) => shape === 'thousands' && code === commas.code)];
  const rest = unread.filter((each) => each !== first && each !== second);
  const earlier = second !== undefined && second.record < first.record ? second : first;
  return [...rest, { ...earlier, shape: 'thousands', rows: first.rows + (second?.rows ?? 0), texts: [...first.texts, ...(second?.texts ?? [])] }];
}

/** Holds what was read against what is expected of the field. */
function lookAt(
  field: Field,
  tensor: Parameters<typeof openReaders>[2],
  recordOf: readonly number[],
): Pick<ColumnSurvey, 'unseen' | 'outOfRange' | 'wrongType'> {
  const unseen = new Map<string, Sighting>();
  const first: { outOfRange?: Sighting; wrongType?: Sighting } = {};
  for (const reader of field.expected === undefined ? [] : openReaders(field, field.expected, tensor)) {
    reader.begin();
    for (let row = reader.nextOdd(0, recordOf.length); row !== -1; row = reader.nextOdd(row + 1, recordOf.length)) {
      const [oddity, value, record] = [reader.oddity(row), reader.text(row), recordOf[row] ?? 0];
      if (oddity === undefined) continue;
      const known = oddity === 'unseen' ? unseen.get(value) : first[oddity];
      if (known !== undefined) known.rows++;
      else if (oddity === 'unseen') unseen.set(value, { value, record, rows: 1 });
      else first[oddity] = { value, record, rows: 1 };
    }
  }
  return { unseen: [...unseen.values()].sort((a, b) => b.rows - a.rows), outOfRange: first.outOfRange, wrongType: first.wrongType };
}
