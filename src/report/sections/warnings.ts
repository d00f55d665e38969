import type { Section } from '../content.js';
import { countText } from '../figures.js';
import { firstRows } from '../first-rows.js';
import type { ReportRun } from '../material.js';

/** What the run warned of. */
export function warningsSection({ figures: { warnings = [] } }: ReportRun): Section | undefined {
  if (warnings.length === 0) return undefined;
  const head = [{ name: 'code' }, { name: 'warning' }, { name: 'times', right: true }];
  const rows = warnings.map(({ code, message, count }) => [code, message, countText(count)]);
  return { id: 'warnings', title: 'Warnings', blocks: [{ kind: 'table', table: { caption: 'Warnings', head, ...firstRows(rows) } }] };
}
