/**
 * What a report says, apart from how it looks: the page and the terminal show the same. Texts are as the journal has them; who shows them escapes them for where
 * they go.
 */
export interface Report {
  readonly title: string;
  readonly sections: readonly Section[];
}

export interface Section {
  /** Unique within the report; letters and dashes. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pairs'; readonly caption: string; readonly pairs: readonly (readonly [name: string, text: string])[] }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'plots'; readonly caption: string; readonly plots: readonly Plot[]; readonly note?: string };

/** How grave something is; shown as a word and a sign, colour only adds to it. */
export type Level = 'good' | 'note' | 'warning' | 'failed';

export interface Finding {
  readonly level: Level;
  readonly text: string;
}

export interface Table {
  readonly caption: string;
  /** `right`: figures. The first column names the row. */
  readonly head: readonly { readonly name: string; readonly right?: boolean }[];
  readonly rows: readonly (readonly Cell[])[];
  /** Beneath the table, such as what was left out. */
  readonly note?: string;
}

export type Cell = string | { readonly text: string; readonly level: Level };

/** `title` names a plot; `summary` is one line of what there is to see. */
export type Plot = { readonly title: string; readonly summary: string } & (Histogram | Bars | Series);

/** Values between one edge and the next, of the run and, where there is one, of the baseline. */
interface Histogram {
  readonly kind: 'histogram';
  readonly edges: readonly number[];
  readonly run: readonly number[];
  readonly baseline?: readonly number[];
}

/** Named parts of a whole, as shares of it. */
interface Bars {
  readonly kind: 'bars';
  readonly bars: readonly { readonly name: string; readonly run: number; readonly baseline?: number }[];
}

/** One value a run, oldest first; null where a run has none. */
interface Series {
  readonly kind: 'series';
  readonly points: readonly { readonly when: string; readonly value: number | null; readonly isFailed: boolean }[];
  readonly show: (value: number) => string;
  /** The axis begins at 0. */
  readonly fromZero: boolean;
}

export type HistogramPlot = Extract<Plot, { readonly kind: 'histogram' }>;
export type BarsPlot = Extract<Plot, { readonly kind: 'bars' }>;
export type SeriesPlot = Extract<Plot, { readonly kind: 'series' }>;
