import { escapeControl } from '../report/escape.js';
import { wrap } from '../wrap.js';

const GAP = '  ';

/**
 * Cells in columns as wide as their widest cell, under a head; control characters escaped, trailing blanks left off. Lines longer than
 * `width` end in an ellipsis; undefined: no line is cut. Width is counted in code points.
 */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[], width: number | undefined): readonly string[] {
  const cells = [head, ...rows].map((row) => row.map(escapeControl));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => Array.from(row[column] ?? '').length)));
  return cells.map((row) => clip(row.map((cell, column) => pad(cell, widths[column] ?? 0)).join(GAP).trimEnd(), width)); // prettier-ignore
}

/** Names and texts in two columns; a text that is too long goes on below itself. A word, such as a digest, is never cut. */
export function pairsText(pairs: readonly (readonly [name: string, text: string])[], width: number | undefined): readonly string[] {
  const nameWidth = Math.max(...pairs.map(([name]) => name.length));
  const indent = ' '.repeat(nameWidth + GAP.length);
  return pairs.flatMap(([name, text]) => {
    const lines = wrap(escapeControl(text), (width ?? Number.POSITIVE_INFINITY) - indent.length);
    return lines.map((line, index) => (index === 0 ? name.padEnd(nameWidth) + GAP : indent) + line);
  });
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(width - Array.from(cell).length);
}

function clip(line: string, width: number | undefined): string {
  const points = Array.from(line);
  return width === undefined || points.length <= width ? line : `${points.slice(0, width - 1).join('')}…`;
}
