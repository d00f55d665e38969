import type { Table } from './content.js';
import { countText } from './figures.js';

/** A table has no more rows: a model of thousands of columns must not make a page that no browser shows. */
export const MOST_ROWS = 200;

/** The first rows of a table, and a note where there are more. */
export function firstRows(rows: Table['rows']): Pick<Table, 'rows' | 'note'> {
  if (rows.length <= MOST_ROWS) return { rows };
  return { rows: rows.slice(0, MOST_ROWS), note: `${countText(rows.length - MOST_ROWS)} more are in the journal.` };
}
