import type { ComparedColumn, ComparedProfile } from './compared.js';
import type { ColumnFigures, NumberFigures, ProfileFigures, TextFigures } from './figures.js';
import { countBetween, histogramEdges, type Histogram } from './histogram.js';

/** A profile as the journal keeps it: bars instead of fine cells, and of texts only those that the contract or the model knows. */
export interface JournalProfile {
  readonly rows: number;
  readonly columns: readonly JournalColumn[];
  readonly scores: readonly JournalColumn[];
}

export type JournalColumn = { readonly name: string; readonly unseen?: number; readonly outOfRange?: number } & (JournalNumbers | JournalTexts);

export interface JournalNumbers extends Omit<NumberFigures, 'grid' | 'whole' | 'texts'> {
  /** Absent where there is no finite value, and where there are very many columns. `baseline`: what the baseline has between the same edges, where there is one. */
  readonly histogram?: Histogram & { readonly baseline?: readonly number[] };
}

export interface JournalTexts extends Omit<TextFigures, 'categories'> {
  /** The most frequent of those that the contract's baseline has, or of the model's own classes; `baseline`: its count there. Absent where neither knows any. */
  readonly categories?: readonly { readonly value: string; readonly rows: number; readonly baseline?: number }[];
}

/** More columns than that are kept without bars: 5,000 of them would make lines of megabytes. */
const MOST_PLOTTED = 1000;
const MOST_CATEGORIES = 20;

/** What of a profile goes into the journal. */
export function journalProfile({ rows, columns, scores }: ProfileFigures, baseline?: ComparedProfile): JournalProfile {
  const isPlotted = columns.length <= MOST_PLOTTED;
  const known = new Map(baseline?.columns.map((column) => [column.name, column]));
  const knownScores = new Map(baseline?.scores.map((column) => [column.name, column]));
  return {
    rows,
    columns: columns.map((column) => journalColumn(column, known.get(column.name), isPlotted, false)),
    scores: scores.map((column) => journalColumn(column, knownScores.get(column.name), true, true)),
  };
}

function journalColumn(column: ColumnFigures, baseline: ComparedColumn | undefined, isPlotted: boolean, isScore: boolean): JournalColumn {
  if (column.kind === 'number') {
    const { name, kind, count, missing, mean, deviation, min, max, quantiles } = column;
    const histogram = isPlotted ? histogramOf(column, baseline?.kind === 'number' ? baseline : undefined) : undefined;
    const rest = { name, kind, count, missing, ...checks(column), mean, deviation, min, max, quantiles };
    return { ...rest, ...(histogram === undefined ? {} : { histogram }) };
  }
  const { categories, ...rest } = column;
  const shown = knownCategories(categories, baseline?.kind === 'text' ? baseline : undefined, isScore);
  return { ...rest, ...(shown.length === 0 ? {} : { categories: shown }) };
}

/** What the checks of rows have counted, where they have. */
function checks({ unseen, outOfRange }: ColumnFigures): Pick<JournalColumn, 'unseen' | 'outOfRange'> {
  return { ...(unseen === undefined ? {} : { unseen }), ...(outOfRange === undefined ? {} : { outOfRange }) };
}

function histogramOf(
  { grid, min, max, whole = false }: NumberFigures,
  baseline: (ComparedColumn & { readonly kind: 'number' }) | undefined,
): JournalNumbers['histogram'] {
  if (min === null || max === null) return undefined;
  const edges = histogramEdges(grid, { min: Number(min), max: Number(max) }, whole);
  if (edges.length < 2) return undefined;
  const before = baseline && countBetween(baseline.grid, edges, whole && baseline.whole === true);
  return { edges, counts: countBetween(grid, edges, whole), ...(before === undefined ? {} : { baseline: before }) };
}

/** Values of the data reach the journal only where contract or model have them already. */
function knownCategories(
  categories: TextFigures['categories'],
  baseline: (ComparedColumn & { readonly kind: 'text' }) | undefined,
  isScore: boolean,
): NonNullable<JournalTexts['categories']> {
  const counts = new Map(baseline?.categories);
  const known = isScore ? categories : categories.filter(([text]) => counts.has(text));
  return known.slice(0, MOST_CATEGORIES).map(([value, rows]) => ({ value, rows, ...(baseline === undefined ? {} : { baseline: counts.get(value) ?? 0 }) }));
} // prettier-ignore
