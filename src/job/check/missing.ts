import type { Contract } from '../../contract/contract.js';
import type { ColumnSurvey } from './column-survey.js';
import { warning, type Finding } from './finding.js';
import type { Survey } from './survey.js';
import { columnsText, ofText } from './texts.js';

/** Fewer rows may well be empty by chance. */
const LEAST_ROWS = 5;

/** Columns that are empty in all of the first rows, and those with missing values where the contract says there are none. */
export function missingFindings(survey: Survey, contract: Contract | undefined): readonly Finding[] {
  const required = new Set(contract?.schema?.fields.filter(({ constraints }) => constraints?.required === true).map(({ name }) => name));
  const withMissing = survey.columns.filter(({ missing }) => missing > 0).sort((a, b) => b.missing - a.missing);
  const isEmpty = ({ missing, rows }: ColumnSurvey): boolean => missing === rows && rows >= LEAST_ROWS;
  const empty = withMissing.filter(isEmpty);
  const odd = withMissing.filter((column) => !isEmpty(column) && required.has(column.field.name));
  const lines = (columns: readonly ColumnSurvey[]): string[] => columns.map(({ field, missing, rows }) => `${field.name}: missing in ${ofText(missing, rows)} rows`);
  const details = (columns: readonly ColumnSurvey[]) => ({ columns: columns.map(({ field, missing, rows }) => ({ column: field.name, rows, missing })) });
  const names = (columns: readonly ColumnSurvey[]): string => columnsText(columns.map(({ field }) => field.name));
  return [
    ...(empty.length === 0
      ? []
      : [
          warning('missing', 'empty-column', `${names(empty)}: empty in all of the first rows`, {
            lines: empty.length === 1 ? [] : lines(empty),
            details: details(empty),
            fix: 'Check what the export writes there: the model scores it as missing.',
          }),
        ]),
    ...(odd.length === 0
      ? []
      : [warning('missing', 'missing-required', `${names(odd)}: values are missing, and the contract requires them`, { lines: lines(odd), details: details(odd) })]),
  ];
} // prettier-ignore
