import { CellTable } from './cell-table.js';
import { addDouble } from './exact-double.js';
import { ExactSum, momentsOf, type ExactSumSnapshot } from './exact-sum.js';
import type { GridFigures } from './figures.js';
import { cellOf, finiteCells, valuesIn, type Cells } from './grid.js';
import type { NumberDelta } from './number-delta.js';
import type { ProfileDelta } from './profiler.js';
import type { NumberSpec, ProfileSpec, TextSpec } from './spec.js';
import { TextCounts, type TextCountsSnapshot } from './text-counts.js';
import { areWhole } from './whole.js';

/** A profile that JSON can hold, and give back exactly. */
export interface ProfileSnapshot {
  readonly numbers: readonly {
    readonly bits: number;
    readonly cells: Cells;
    readonly values: ExactSumSnapshot;
    readonly squares: ExactSumSnapshot;
  }[];
  readonly texts: readonly TextCountsSnapshot[];
}

/** A column of numbers over all rows. */
export interface NumberResult {
  /** Rows whose value is not NaN: those taken out among them. */
  readonly rows: number;
  /** Values that count. */
  readonly count: number;
  readonly grid: GridFigures;
  /** Over the finite values; undefined where there is none. */
  readonly moments: { readonly mean: number; readonly deviation: number } | undefined;
  /** Every finite value is a whole number: see whole.ts. */
  readonly whole: boolean;
}

/** Values of a column that do not count. */
export interface Removed {
  readonly value: number;
  readonly count: number;
}

interface NumberColumn {
  readonly cells: CellTable;
  readonly values: ExactSum;
  readonly squares: ExactSum;
}

/** The profile of a run: deltas added up, in the order of the input, with the same result to the last bit wherever it was cut. */
export class Profile {
  readonly #spec: ProfileSpec;
  readonly #numbers: NumberColumn[];
  readonly #texts: TextCounts[];

  constructor(spec: ProfileSpec) {
    this.#spec = spec;
    const columns = [...spec.fields, ...spec.results].filter((column) => column !== null);
    this.#numbers = columns.filter((column): column is NumberSpec => column.kind === 'number').map(emptyColumn);
    this.#texts = textColumns(spec).map(({ known }) => new TextCounts(known));
  }

  merge({ numbers, texts }: ProfileDelta): void {
    mergeNumbers(this.#numbers, numbers);
    texts.forEach((own, index) => this.#texts[index]?.add(own));
  }

  snapshot(): ProfileSnapshot {
    return {
      numbers: this.#numbers.map(({ cells, values, squares }) => ({
        bits: cells.bits,
        cells: cells.cells(),
        values: values.snapshot(),
        squares: squares.snapshot(),
      })),
      texts: this.#texts.map((column) => column.snapshot()),
    };
  }

  static restore(spec: ProfileSpec, snapshot: ProfileSnapshot): Profile {
    const profile = new Profile(spec);
    snapshot.numbers.forEach(({ bits, cells, values, squares }, index) => {
      const most = profile.#numbers[index]?.cells.most ?? 0;
      const column = { cells: new CellTable(bits, most), values: ExactSum.restore(values), squares: ExactSum.restore(squares) };
      for (const [cell, count] of cells) column.cells.add(cell, count, bits);
      profile.#numbers[index] = column;
    });
    const known = textColumns(spec);
    snapshot.texts.forEach((texts, index) => (profile.#texts[index] = TextCounts.restore(known[index]?.known ?? [], texts)));
    return profile;
  }

  /** By field of the layout; undefined where it is not profiled. `without`: by field, so many values that stand for missing ones, and are taken out. */
  fields(without: readonly (Removed | undefined)[] = []): (NumberResult | TextCounts | undefined)[] {
    return this.#results(this.#spec.fields, { number: 0, text: 0 }, without);
  }

  /** By result column. */
  results(): (NumberResult | undefined)[] {
    const before = this.#spec.fields.filter((column) => column?.kind === 'number').length;
    return this.#results(this.#spec.results, { number: before, text: 0 }, []) as (NumberResult | undefined)[];
  }

  #results(
    columns: ProfileSpec['fields'],
    next: { number: number; text: number },
    without: readonly (Removed | undefined)[],
  ): (NumberResult | TextCounts | undefined)[] {
    return columns.map((column, index) => {
      if (column === null) return undefined;
      if (column.kind === 'text') return this.#texts[next.text++];
      const found = this.#numbers[next.number++];
      return found && numberResult(found, without[index]);
    });
  }
}

function textColumns({ fields }: ProfileSpec): TextSpec[] {
  return fields.filter((column): column is TextSpec => column?.kind === 'text');
}

function emptyColumn({ bits, cells }: NumberSpec): NumberColumn {
  return { cells: new CellTable(bits, cells), values: new ExactSum(), squares: new ExactSum() };
}

function mergeNumbers(into: readonly NumberColumn[], delta: NumberDelta): void {
  let [cell, value, square] = [0, 0, 0];
  into.forEach(({ cells, values, squares }, column) => {
    const length = delta.cellCount[column] as number;
    cells.addAll(delta.cells, delta.counts, cell, length, delta.bits[column] as number);
    cell += length;
    for (const end = value + 2 * (delta.valueTerms[column] as number); value < end; value += 2) values.add(delta.values[value] as number, delta.values[value + 1] as number);
    for (const end = square + 2 * (delta.squareTerms[column] as number); square < end; square += 2) squares.add(delta.squares[square] as number, delta.squares[square + 1] as number);
  });
} // prettier-ignore

function numberResult({ cells: table, values, squares }: NumberColumn, without: Removed | undefined): NumberResult {
  const { bits } = table;
  const cells = table.cells();
  const rows = valuesIn(cells);
  const counting = without === undefined ? cells : takeOut(cells, cellOf(without.value, bits), without.count);
  const taken = rows - valuesIn(counting);
  const finite = valuesIn(finiteCells(counting, bits));
  const [sum, sumOfSquares] = without === undefined || taken === 0 ? [values, squares] : less(values, squares, without.value, taken);
  const grid = { bits, cells: counting };
  return { rows, count: rows - taken, grid, moments: momentsOf(finite, sum, sumOfSquares), whole: finite > 0 && areWhole(grid, sum, sumOfSquares) };
}

/** A row that the runtime rejected may have had such a value: no more are taken out than there are. */
function takeOut(cells: Cells, from: number, count: number): Cells {
  return cells.map(([cell, rows]) => [cell, cell === from ? Math.max(rows - count, 0) : rows] as const).filter(([, rows]) => rows > 0);
}

function less(values: ExactSum, squares: ExactSum, value: number, count: number): [ExactSum, ExactSum] {
  const [one, square] = [new ExactSum(), new ExactSum()];
  if (Number.isFinite(value)) addDouble(value, one, square);
  const [rest, restOfSquares] = [ExactSum.restore(values.snapshot()), ExactSum.restore(squares.snapshot())];
  for (const [from, into] of [[one, rest], [square, restOfSquares]] as const) {
    const { numerator, exponent } = from.exact();
    into.addExact(-numerator * BigInt(count), exponent);
  }
  return [rest, restOfSquares];
} // prettier-ignore
