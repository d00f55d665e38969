import type { Section } from '../content.js';
import { countText, shareText } from '../figures.js';
import { firstRows } from '../first-rows.js';
import type { ReportRun } from '../material.js';

/** What became of every row: in = scored + rejected. */
export function rowsSection({ figures: { rows } }: ReportRun): Section | undefined {
  if (rows === undefined) return undefined;
  const share = (count: number): string => shareText(rows.in === 0 ? null : count / rows.in);
  const kinds: readonly (readonly [string, number | undefined])[] = [
    ['in', rows.in],
    ['scored', rows.scored],
    ['of these by the fallback', rows.byFallback],
    ['rejected', rows.rejected],
  ];
  const rejects = [...rows.byColumn].sort((a, b) => b.rows - a.rows);
  return {
    id: 'rows',
    title: 'Rows accounted for',
    blocks: [
      {
        kind: 'table',
        table: {
          caption: 'Rows',
          head: [{ name: 'rows' }, { name: 'count', right: true }, { name: 'share', right: true }],
          rows: kinds.flatMap(([name, count]) => (count === undefined ? [] : [[name, countText(count), share(count)]])),
        },
      },
      ...(rejects.length === 0 ? [] : [{
        kind: 'table' as const,
        table: {
          caption: 'Rejected rows by column and code',
          head: [{ name: 'column' }, { name: 'code' }, { name: 'rows', right: true }, { name: 'share', right: true }],
          ...firstRows(rejects.map(({ column, code, rows: count }) => [column ?? '(the whole record)', code, countText(count), share(count)])),
        },
      }]),
    ],
  };
} // prettier-ignore
