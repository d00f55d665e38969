import type { Block, Level, Plot, Report, Section } from '../../report/content.js';
import { shareText } from '../../report/figures.js';
import { pairsText, tableText } from '../inspect/table.js';
import { escapeControl } from '../report/escape.js';
import { wrap } from '../wrap.js';
import { sparkline } from './sparkline.js';

const SIGNS: Readonly<Record<Level, string>> = { good: '✓', note: '•', warning: '▲', failed: '✕' };

const INDENT = '  ';

/** A report for a terminal `width` columns wide; undefined: no line is cut or broken. */
export function reportText({ title, sections }: Report, width: number | undefined): string {
  const inner = width === undefined ? undefined : Math.max(20, width - INDENT.length);
  const parts = sections.map((section) => sectionText(section, inner));
  return `${[escapeControl(title), ...parts].join('\n\n')}\n`;
}

function sectionText({ title, blocks }: Section, width: number | undefined): string {
  const lines = blocks.map((block) => blockLines(block, width).map((line) => (line === '' ? '' : INDENT + line)).join('\n')); // prettier-ignore
  return `${title.toUpperCase()}\n${lines.join('\n\n')}`;
}

function blockLines(block: Block, width: number | undefined): readonly string[] {
  switch (block.kind) {
    case 'findings':
      return block.findings.flatMap(({ level, text }) => paragraph(text, width, `${SIGNS[level]} `));
    case 'text':
      return paragraph(block.text, width);
    case 'pairs':
      return pairsText(block.pairs.map(([name, text]) => [escapeControl(name), text] as const), width); // prettier-ignore
    case 'table': {
      const { caption, head, rows, note } = block.table;
      const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : `${SIGNS[cell.level]} ${cell.text}`)));
      return [caption, ...alignedText(head, cells, width), ...(note === undefined ? [] : [note])];
    }
    case 'plots':
      return [block.caption, ...plotLines(block.plots, width), ...(block.note === undefined ? [] : [block.note])];
  }
}

function paragraph(text: string, width: number | undefined, sign = ''): readonly string[] {
  const lines = wrap(escapeControl(text), (width ?? Number.POSITIVE_INFINITY) - sign.length);
  return lines.map((line, at) => (at === 0 ? sign : ' '.repeat(sign.length)) + line);
}

/** Figures stand at the right of their column: their cells are filled up before the table is laid out. */
function alignedText(
  head: readonly { readonly name: string; readonly right?: boolean }[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  const names = head.map(({ name }) => name);
  const safe = rows.map((row) => row.map(escapeControl));
  const widths = names.map((name, at) => Math.max(length(name), ...safe.map((row) => length(row[at] ?? ''))));
  const fill = (row: readonly string[]): string[] => row.map((cell, at) => (head[at]?.right === true ? ' '.repeat((widths[at] ?? 0) - length(cell)) + cell : cell)); // prettier-ignore
  return columnGroups(widths, width).flatMap((group, at) => {
    const pick = (row: readonly string[]): string[] => group.map((column) => row[column] ?? '');
    return [...(at === 0 ? [] : ['']), ...tableText(pick(fill(names)), safe.map(fill).map(pick), width)];
  });
}

const GAP = 2;

/** Columns that find room beside each other; the others go on below, each time behind the first one, which names the rows. */
function columnGroups(widths: readonly number[], width = Number.POSITIVE_INFINITY): readonly (readonly number[])[] {
  const groups: number[][] = [[0]];
  let room = width - (widths[0] ?? 0);
  widths.slice(1).forEach((own, index) => {
    const [group] = groups.slice(-1);
    if (own + GAP > room && (group?.length ?? 0) > 1) {
      groups.push([0]);
      room = width - (widths[0] ?? 0);
    }
    groups.at(-1)?.push(index + 1);
    room -= own + GAP;
  });
  return groups;
}

function length(text: string): number {
  return Array.from(text).length;
}

/** Each plot is a line: its shape by eighths of a line's height, that of the baseline beside it, on one scale. */
function plotLines(plots: readonly Plot[], width: number | undefined): readonly string[] {
  const shapes = plots.map((plot) => ({ plot, ...shapeOf(plot) }));
  const isCompared = shapes.some(({ baseline }) => baseline !== '');
  const head = isCompared ? ['', 'this run', 'baseline', ''] : ['', '', ''];
  const rows = shapes.map(({ plot, run, baseline }) => [plot.title, run, ...(isCompared ? [baseline] : []), plot.summary]);
  return tableText(head, rows, width).filter((line) => line !== '');
}

const NAMED_BARS = 3;

function shapeOf(plot: Plot): { readonly run: string; readonly baseline: string } {
  switch (plot.kind) {
    case 'histogram': {
      const most = Math.max(...plot.run, ...(plot.baseline ?? []));
      return { run: sparkline(plot.run, 0, most), baseline: plot.baseline === undefined ? '' : sparkline(plot.baseline, 0, most) };
    }
    case 'bars': {
      const first = plot.bars.slice(0, NAMED_BARS);
      const named = (share: (bar: (typeof first)[number]) => number | undefined): string =>
        first.flatMap((bar) => (share(bar) === undefined ? [] : [`${bar.name} ${shareText(share(bar))}`])).join(', ');
      return { run: named(({ run }) => run), baseline: named(({ baseline }) => baseline) };
    }
    case 'series': {
      const known = plot.points.flatMap(({ value }) => value ?? []);
      const least = plot.fromZero ? 0 : Math.min(...known);
      return { run: plot.points.map(({ value, isFailed }) => (isFailed ? '×' : sparkline([value], least, Math.max(...known)))).join(''), baseline: '' }; // prettier-ignore
    }
  }
}
