import { nearMisses } from '../../errors/nearest.js';
import { rangeText } from '../../batch/value-type.js';
import type { ScoreOptions } from '../../run/options.js';
import type { ColumnSurvey, Sighting } from './column-survey.js';
import { warning, type Finding } from './finding.js';
import type { Survey } from './survey.js';
import { columnsText, countText, ofText, rowText, valueText } from './texts.js';

/** Why a value is not known, where it nearly is: but for blanks, for its case, for a slip. */
type Nearness = 'blanks' | 'case' | 'spelling' | 'new';

interface UnseenValue extends Sighting {
  /** The known category that comes nearest. */
  readonly near: string | undefined;
  readonly nearness: Nearness;
}

/** For how many values of a column slips of the pen are looked for: each is compared with every category. */
const LOOKED_UP = 20;

/** Texts of the first rows that contract or graph do not know, with the known one that was meant perhaps. */
export function unseenFindings(survey: Survey, { onUnseen, journalValues }: ScoreOptions): readonly Finding[] {
  const columns = survey.columns
    .filter(({ unseen }) => unseen.length > 0)
    .map((column) => ({ column, rows: column.unseen.reduce((sum, { rows }) => sum + rows, 0), values: valuesOf(column) }))
    .sort((a, b) => b.rows - a.rows);
  if (columns.length === 0) return [];
  const isTold = (journalValues ?? 'plain') === 'plain';
  const rule = columns.every(({ column }) => (onUnseen ?? column.field.expected?.onUnseen.kind) === 'reject') ? 'rejected' : 'scored all the same';
  const lines = columns.map(({ column: { field, rows: of }, rows, values }) => {
    const [most] = values;
    const more = values.length === 1 ? '' : ` and ${countText(values.length - 1)} more`;
    return isTold && most !== undefined
      ? `${field.name}: ${ofText(rows, of)} rows; ${valueText(most.value)}${nearText(most)}${more}`
      : `${field.name}: ${ofText(rows, of)} rows, ${countText(values.length)} different`;
  });
  return [
    warning('categories', 'unseen-category', `${columnsText(columns.map(({ column }) => column.field.name))}: values that the model has never seen, ${rule}`, {
      lines,
      fix: fixOf(columns.flatMap(({ values }) => values)),
      details: {
        columns: columns.map(({ column, rows, values }) => ({
          column: column.field.name,
          rows: column.rows,
          unseen: rows,
          known: column.field.expected?.categories?.length ?? 0,
          values: isTold ? values.slice(0, 100).map(({ value, rows: with_, near, nearness, record }) => ({ value, rows: with_, near: near ?? null, nearness, ...survey.placeOf(record) })) : [],
        })),
      },
    }),
  ];
} // prettier-ignore

/** The most frequent first. */
function valuesOf({ field: { expected }, unseen }: ColumnSurvey): readonly UnseenValue[] {
  const known = (expected?.categories ?? []).toReversed(); // of those that are alike the first one counts
  const trimmed = new Map(known.map((category) => [category.trim(), category]));
  const lower = new Map(known.map((category) => [category.trim().toLowerCase(), category]));
  return unseen.map((seen, index) => {
    const plain = seen.value.trim();
    const blanks = trimmed.get(plain);
    if (blanks !== undefined) return { ...seen, near: blanks, nearness: 'blanks' };
    const other = lower.get(plain.toLowerCase());
    if (other !== undefined) return { ...seen, near: other, nearness: 'case' };
    const [near] = index < LOOKED_UP ? nearMisses(seen.value, expected?.categories ?? []) : [];
    return { ...seen, near, nearness: near === undefined ? 'new' : 'spelling' };
  });
}

function nearText({ near, nearness }: UnseenValue): string {
  return nearness === 'new' || near === undefined ? '' : ` (known: ${valueText(near)})`;
}

/** A flag where blanks are all that is too much; else what differs from the training data. */
function fixOf(values: readonly UnseenValue[]): string | undefined {
  const rows = (nearness: Nearness): number => values.reduce((sum, value) => sum + (value.nearness === nearness ? value.rows : 0), 0);
  const [blanks, letters, spelling] = [rows('blanks'), rows('case'), rows('spelling')];
  const most = Math.max(blanks, letters, spelling, rows('new'));
  if (most === blanks && blanks > 0) {
    const isMended = values.every(({ nearness, near, value }) => nearness !== 'blanks' || near === value.trim());
    return isMended ? 'Only blanks differ: give --trim.' : 'Only blanks differ: the training data has them around its values, so the export must have them, too.';
  }
  if (most === letters && letters > 0) return 'Only upper and lower case differ: write the values as in the training data.';
  if (most === spelling && spelling > 0) return 'They come near to known ones: write the values as in the training data.';
  return undefined;
} // prettier-ignore

/** Numbers of the first rows beyond what the contract gives as the range. */
export function rangeFindings(survey: Survey, { journalValues }: ScoreOptions): readonly Finding[] {
  const columns = survey.columns
    .flatMap((column) => (column.outOfRange === undefined ? [] : [{ column, found: column.outOfRange }]))
    .sort((a, b) => b.found.rows - a.found.rows);
  if (columns.length === 0) return [];
  const isTold = (journalValues ?? 'plain') === 'plain';
  const rangeOf = ({ field: { expected } }: ColumnSurvey) => ({ min: expected?.min ?? null, max: expected?.max ?? null });
  return [
    warning('ranges', 'outside-range', `${columnsText(columns.map(({ column }) => column.field.name))}: numbers outside the range of the contract`, {
      lines: columns.map(({ column, found }) => {
        const range = rangeText(column.field.expected ?? {});
        return `${column.field.name}: ${ofText(found.rows, column.rows)} rows outside ${range}, ${isTold ? `${found.value} ` : ''}first in ${rowText(survey.placeOf(found.record))}`;
      }),
      details: {
        columns: columns.map(({ column, found }) => ({
          column: column.field.name,
          rows: column.rows,
          outOfRange: found.rows,
          ...rangeOf(column),
          first: { ...survey.placeOf(found.record), ...(isTold ? { value: found.value } : {}) },
        })),
      },
    }),
  ];
} // prettier-ignore

/** Values of the first rows that are not of the type that the contract gives. */
export function typeFindings(survey: Survey, { journalValues }: ScoreOptions): readonly Finding[] {
  const columns = survey.columns
    .flatMap((column) => (column.wrongType === undefined ? [] : [{ column, found: column.wrongType, type: column.field.expected?.type?.name ?? null }]))
    .sort((a, b) => b.found.rows - a.found.rows);
  if (columns.length === 0) return [];
  const isTold = (journalValues ?? 'plain') === 'plain';
  const names = columnsText(columns.map(({ column }) => column.field.name));
  return [
    warning('types', 'wrong-type', `${names}: values that are not of the type that the contract gives`, {
      lines: columns.map(({ column, found, type }) => `${column.field.name}: ${ofText(found.rows, column.rows)} rows are no ${type}, ${isTold ? `${valueText(found.value)} ` : ''}first in ${rowText(survey.placeOf(found.record))}`),
      details: { columns: columns.map(({ column, found, type }) => ({ column: column.field.name, rows: column.rows, wrongType: found.rows, type, first: { ...survey.placeOf(found.record), ...(isTold ? { value: found.value } : {}) } })) },
    }),
  ];
} // prettier-ignore
