import type { RejectCode } from '../../batch/reject.js';
import { shellQuoted } from '../../model/bind-messages.js';
import type { ScoreOptions } from '../../run/options.js';
import type { ColumnSurvey, Unread } from './column-survey.js';
import { warning, type Finding } from './finding.js';
import type { Shape } from './recognise.js';
import type { Survey } from './survey.js';
import { columnsText, ofText, rowText, valueText } from './texts.js';

interface UnreadColumn {
  readonly survey: ColumnSurvey;
  readonly unread: Unread;
}

/** Values of the first rows that the model cannot take: a finding for each kind of them, whatever the number of columns that have it. */
export function unreadFindings(survey: Survey, { csv, nullValues, journalValues }: ScoreOptions): readonly Finding[] {
  const kinds = new Map<string, UnreadColumn[]>();
  for (const column of survey.columns) {
    for (const unread of column.unread) {
      const kind = `${unread.code} ${unread.shape}`;
      const alike = kinds.get(kind);
      if (alike === undefined) kinds.set(kind, [{ survey: column, unread }]);
      else alike.push({ survey: column, unread });
    }
  }
  const isTold = (journalValues ?? 'plain') === 'plain';
  const all = [...kinds.values()].map((columns) => ({ columns, rows: columns.reduce((sum, { unread }) => sum + unread.rows, 0) }));
  return all.sort((a, b) => b.rows - a.rows).flatMap(({ columns }): Finding[] => {
    const [first] = columns;
    if (first === undefined) return [];
    const { code, shape } = first.unread;
    const byRows = columns.toSorted((a, b) => b.unread.rows - a.unread.rows);
    return [
      warning('values', 'values-not-read', `${columnsText(byRows.map((each) => each.survey.field.name))}: ${nameOf(code, shape)} where the model takes ${takes(code, first.survey)}`, {
        lines: byRows.map((column) => lineOf(column, survey, isTold)),
        fix: fixOf(shape, columns, { csv, nullValues, isTold }),
        details: { code, shape, columns: byRows.map((column) => dataOf(column, survey, isTold)) },
      }),
    ];
  });
} // prettier-ignore

function takes(code: RejectCode, { field }: ColumnSurvey): string {
  if (code === 'not-an-integer') return 'a whole number';
  if (code === 'out-of-range') return `a number of ${field.type}`;
  return field.type === 'bool' ? 'true or false' : 'a number';
}

function lineOf({ survey: { field, rows }, unread }: UnreadColumn, survey: Survey, isTold: boolean): string {
  return `${field.name}: ${ofText(unread.rows, rows)} rows, ${isTold ? `${valueText(unread.value)} ` : ''}first in ${rowText(survey.placeOf(unread.record))}`;
}

function dataOf(
  { survey: { field, rows, read, missing }, unread }: UnreadColumn,
  survey: Survey,
  isTold: boolean,
): Readonly<Record<string, unknown>> {
  const place = survey.placeOf(unread.record);
  return {
    column: field.name,
    type: field.type,
    rows,
    read,
    missing,
    unread: unread.rows,
    first: { ...place, ...(isTold ? { value: unread.value } : {}) },
  };
}

function nameOf(code: RejectCode, shape: Shape): string {
  if (code === 'not-a-boolean' && shape === 'other') return 'other values';
  return NAMES[shape];
}

const NAMES: Readonly<Record<Shape, string>> = {
  'decimal-comma': 'numbers with a decimal comma',
  'decimal-point': 'numbers with a decimal point',
  thousands: 'numbers with thousands apart',
  percent: 'percentages',
  currency: 'amounts with a currency',
  date: 'dates',
  time: 'times of day',
  'yes-no': 'words for true and false',
  placeholder: 'signs for a missing value',
  quoted: 'values in quotes',
  'own-name': 'its own name, as a header',
  fraction: 'fractions',
  'too-large': 'numbers too large',
  other: 'text',
};

interface FixContext {
  readonly csv: ScoreOptions['csv'];
  readonly nullValues: ScoreOptions['nullValues'];
  readonly isTold: boolean;
}

/** The flag that mends it, where there is one; else what the producer of the file has to do. */
function fixOf(shape: Shape, columns: readonly UnreadColumn[], { csv, nullValues, isTold }: FixContext): string | undefined {
  switch (shape) {
    case 'decimal-comma':
      return csv?.decimalComma === true ? undefined : 'Give --decimal-comma.';
    case 'decimal-point':
      return csv?.decimalComma === true ? 'Leave --decimal-comma out.' : undefined;
    case 'placeholder': {
      const signs = [...new Set(columns.flatMap(({ unread }) => unread.texts.map((text) => text.trim())))];
      if (!isTold) return 'Name what stands for a missing value with --null-value.';
      const flags = [...(nullValues ?? []), ...signs].map((sign) => `--null-value ${shellQuoted(sign)}`).join(' ');
      return `If it means a missing value: ${flags} (in the place of NA, NaN and null; empty cells stay missing).`;
    }
    case 'quoted':
      return 'If the file quotes with another mark, name it with --quote.';
    case 'own-name':
      return 'Files were put one behind the other with their headers: take the repeated ones out.';
    case 'date':
    case 'time':
      return 'Write what the model was trained on: it takes a number, such as days or a year.';
    case 'thousands':
    case 'percent':
    case 'currency':
      return 'Write plain numbers in the export: no flag takes such signs off.';
    case 'yes-no':
      return 'Write 1 and 0, as the training data did.';
    case 'fraction':
      return 'Write whole numbers, or export the model with a float input.';
    case 'too-large':
      return 'Check the unit and the values of that column.';
    case 'other':
      return 'Check that this is the column that was meant, and what the export writes into it.';
  }
}
