import { Batch } from '../../batch/batch.js';
import type { Field, Layout } from '../../batch/layout.js';
import type { RejectCode, RowReject } from '../../batch/reject.js';
import { openNulls } from '../../batch/store.js';
import { hasRules, RowRules } from '../../check/row-rules.js';
import type { Chunk, DecoderSetup } from '../../format/format.js';
import { openDecoder } from '../../format/open.js';
import type { Place } from '../../errors/errors.js';
import { surveyColumn, type ColumnSurvey, type Reading } from './column-survey.js';
import type { FirstRows } from './first-rows.js';

/** What the first rows hold. */
export interface Survey {
  /** Rows looked at, rejected ones included. */
  readonly rows: number;
  /** Those are all that the input has. */
  readonly isWhole: boolean;
  /** By column and type, in the order of the layout. */
  readonly columns: readonly ColumnSurvey[];
  /** As a run rejects them; where columns are missing, only those that break the grammar. */
  readonly rejects: readonly RowReject[];
  /** Where a record stands in the input. */
  readonly placeOf: (record: number) => Pick<Place, 'row' | 'line'>;
  /** Bytes of the chunk up to the end of so many records, fewer than were looked at, or all of it. */
  readonly bytesOf: (records: number) => number;
  /** Bytes of a row on average. */
  readonly rowBytes: number;
}

const NO_ROWS: Survey = { rows: 0, isWhole: true, columns: [], rejects: [], placeOf: () => ({}), bytesOf: () => 0, rowBytes: 0 };

/** Looked at; a model sees fewer. */
const MOST_ROWS = 10_000;

/**
 * Reads the first rows, without a model, twice: as a run decodes and judges them, which gives what it rejects, and column by column, which shows what is wrong with
 * each whatever is wrong with the others. Fields of columns that the input does not have are passed over. Undefined where
 * the rows that there are could not be read.
 */
export async function surveyRows({ schema, decoder: setup, chunk, headLines, isWhole }: FirstRows, layout: Layout): Promise<Survey | undefined> {
  if (chunk === undefined) return isWhole ? NO_ROWS : undefined;
  const width = schema.columns.length;
  const isThere = ({ column }: Field): boolean => column < width;
  const fields = distinct(layout.fields.filter(isThere));
  const cells = await decodeTexts(setup, chunk, fields);
  const run = await decodeRows(setup, chunk, layout.fields.every(isThere) ? { ...layout, kept: [] } : { tensors: [], fields: [], kept: [] });
  const { records } = run.batch;
  return {
    rows: records,
    isWhole: isWhole && records < MOST_ROWS,
    columns: fields.map((field) => surveyColumn(field, cells(field), records, readingOf(setup))),
    rejects: run.batch.rejects.map((reject) => ({ ...reject, row: reject.row + 1, line: reject.line === null ? null : reject.line + headLines + 1 })),
    placeOf: (record) => {
      const { line } = run.decoder.locate(record);
      return { row: record + 1, ...(line === null ? {} : { line: line + headLines + 1 }) };
    },
    bytesOf: (count) => (count < records ? run.decoder.locate(count).byte : chunk.bytes.length),
    rowBytes: records < 2 ? chunk.bytes.length : run.decoder.locate(records - 1).byte / (records - 1),
  };
}

function distinct(fields: readonly Field[]): readonly Field[] {
  return [...new Map(fields.map((field) => [`${field.column} ${field.type}`, field])).values()];
}

function readingOf(setup: DecoderSetup): Reading {
  const decimal = setup.format === 'csv' ? (setup.decimal ?? '.') : '.';
  return { nullsOf: openNulls(setup.nullValues, decimal), decimal };
}

async function decodeRows(setup: DecoderSetup, chunk: Chunk, layout: Layout) {
  const decoder = await openDecoder(setup, layout);
  const batch = new Batch(layout);
  if (chunk.context !== undefined) decoder.setContext(chunk.context);
  decoder.decode(chunk, batch, MOST_ROWS);
  if (hasRules(layout)) new RowRules(batch).apply((record) => decoder.locate(record));
  return { decoder, batch };
}

/** The cells of each field as texts; undefined for records that have no cells, as they break the grammar. */
async function decodeTexts(setup: DecoderSetup, chunk: Chunk, fields: readonly Field[]) {
  const names = new Map(fields.map(({ name, column }) => [column, name]));
  const { batch } = await decodeRows(setup, chunk, { tensors: [], fields: [], kept: [...names].map(([column, name]) => ({ name, column })) });
  const places = new Map([...names.keys()].map((column, at) => [column, at]));
  const trims = setup.format === 'csv' && setup.trim === true;
  return ({ column }: Field) => {
    const kept = batch.kept[places.get(column) ?? -1];
    return (record: number): string | null | undefined => {
      if ((batch.slots[record] ?? -1) < 0) return undefined;
      const text = kept?.text(record) ?? null;
      return trims && text !== null ? text.trim() : text;
    };
  };
}

/** Rejects by code, the most frequent first. */
export function rejectsByCode(rejects: readonly RowReject[]): readonly (readonly [code: RejectCode, rejects: readonly RowReject[]])[] {
  const byCode = new Map<RejectCode, RowReject[]>();
  for (const reject of rejects) {
    const alike = byCode.get(reject.code);
    if (alike === undefined) byCode.set(reject.code, [reject]);
    else alike.push(reject);
  }
  return [...byCode].sort(([, a], [, b]) => b.length - a.length);
}
