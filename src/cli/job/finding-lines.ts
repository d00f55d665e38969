import type { Finding } from '../../job/check/finding.js';
import { pathText } from '../../job/check/texts.js';
import { escapeControl } from '../report/escape.js';
import { countText } from '../report/figures.js';
import { wrap } from '../wrap.js';

/** Of a terminal that nobody has made wider. */
export const COLUMNS = 80;

const MARKS = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const;
const SUBJECT_WIDTH = 10;
/** Where texts begin, and where what belongs to one does. */
const INDENT = ' '.repeat(2 + 7 + 2 + SUBJECT_WIDTH + 2);
const INSET = ' '.repeat(2 + 7 + 2);

/** How much is told of a finding: most lines of its text, of its evidence and of what to do. */
export interface Detail {
  readonly text: number;
  readonly evidence: number;
  readonly fix: number;
}

/** All of it, in lines as long as they are. */
export const WHOLE: Detail = { text: Infinity, evidence: Infinity, fix: Infinity };

/** A finding as lines of a screen. `what` was checked: its path need not be told again. */
export function linesOf({ subject, level, text, lines = [], fix, error }: Finding, detail: Detail, what: string): readonly string[] {
  const width = (indent: string): number => (detail === WHOLE ? Infinity : COLUMNS - indent.length);
  const code = error === undefined ? '' : ` [${error.code}, ${error.status}]`;
  const place = error === undefined ? '' : placeText(error.place, `${what} ${text}`);
  const told = limited(escapeControl(`${text}${place}`), width(INDENT), detail.text, code);
  const shown = lines.length > detail.evidence ? lines.slice(0, detail.evidence < 2 ? detail.evidence : detail.evidence - 1) : lines;
  const hidden = lines.length - shown.length;
  const evidence = [
    ...shown.map((line) => shortened(escapeControl(line), width(INSET) - 2)),
    ...(hidden > 0 && detail.evidence > 1 ? [`and ${countText(hidden)} more`] : []),
  ];
  const toDo = fix === undefined || detail.fix === 0 ? [] : limited(escapeControl(`to do: ${fix}`), width(INSET), detail.fix);
  return [
    ...told.map((line, index) => (index === 0 ? `  ${MARKS[level].padEnd(7)}  ${subject.padEnd(SUBJECT_WIDTH)}  ${line}` : INDENT + line)),
    ...evidence.map((line) => `${INSET}  ${line}`),
    ...toDo.map((line) => INSET + line),
  ];
}

/** Where it is, as far as the text does not say. */
function placeText({ file, row, line, column }: NonNullable<Finding['error']>['place'], said: string): string {
  const parts = [
    ...(file === undefined || said.includes(file) ? [] : [pathText(file)]),
    ...(row === undefined ? [] : [`row ${row}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(column === undefined ? [] : [`column ${JSON.stringify(column)}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** At most so many lines of a text, with all of what it ends with; a word that is longer than a line is broken. */
function limited(text: string, width: number, most: number, end = ''): readonly string[] {
  const lines = wrap(`${text}${end}`, width).flatMap((line) => (line.length <= width ? [line] : broken(line, width)));
  if (lines.length <= most) return lines;
  const last = lines[most - 1] ?? '';
  const begun = lines.slice(0, most - 1);
  return [...begun, `${last.slice(0, width - end.length - 1).trimEnd()}…${end}`];
}

function broken(line: string, width: number): string[] {
  return Array.from({ length: Math.ceil(line.length / width) }, (_, index) => line.slice(index * width, (index + 1) * width));
}

function shortened(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
