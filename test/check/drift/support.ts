import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { NumberSketcher } from '#src/profile/number-sketch.js';
import type { ComparedColumn, ComparedProfile } from '#src/profile/compared.js';
import { Profile, type NumberResult } from '#src/profile/profile.js';
import type { NumberSpec } from '#src/profile/spec.js';
import { TextRowsList } from '#src/profile/text-rows.js';
import { FrequentTexts } from '#src/profile/frequent-texts.js';

export interface Table {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** A CSV fixture by column, as texts. */
export function readTable(path: string): Table {
  const file = fileURLToPath(new URL(`../../../fixtures/${path}`, import.meta.url));
  const [header = [], ...rows] = parse(readFileSync(file), { trim: true, columns: false });
  return { rows: rows.length, columns: new Map(header.map((name, at) => [name, rows.map((row) => row[at] ?? '')])) };
}

export interface TakeOptions {
  /** Columns that are texts; others are numbers, and what is none is missing. */
  readonly texts?: ReadonlySet<string>;
  /** As which a text stands for a missing value. */
  readonly blank?: string;
  readonly baseline?: ComparedProfile;
}

/** The profile of some rows of a table: numbers as float32, as a model would see them. */
export function profileRows({ columns }: Table, rows: readonly number[], { texts = new Set(), blank = '', baseline }: TakeOptions = {}): ComparedProfile {
  const grids = new Map(baseline?.columns.map((column) => [column.name, column]));
  return {
    rows: rows.length,
    scores: [],
    columns: [...columns].map(([name, values]): ComparedColumn => {
      if (texts.has(name)) return countTexts(name, rows.map((row) => values[row] ?? ''), blank);
      const known = grids.get(name);
      const grid = known?.kind === 'number' ? { bits: known.grid.bits, cells: 4096 } : { bits: 12, cells: 256 };
      return sketch(name, Float32Array.from(rows, (row) => (values[row] === blank ? NaN : Number(values[row]))), { kind: 'number', ...grid });
    }),
  };
} // prettier-ignore

function countTexts(name: string, values: readonly string[], blank: string): ComparedColumn {
  const [list, counts] = [new TextRowsList(), new FrequentTexts()];
  for (const value of values) if (value !== blank) list.push(value);
  counts.add(list.take());
  const { rows, counts: categories } = counts.result();
  return { name, kind: 'text', count: rows, missing: values.length - rows, categories, other: 0 };
}

function sketch(name: string, values: Float32Array, spec: NumberSpec): ComparedColumn {
  const present = values.filter((value) => value === value);
  const sketcher = new NumberSketcher([spec]);
  sketcher.start(present.length);
  const rows = { length: present.length, picks: undefined };
  sketcher.float32({ values: present, width: 1, rows, at: 0 }, present.length, present.reduce((most, value) => Math.max(most, Math.abs(value)), 0)); // prettier-ignore
  const profile = new Profile({ fields: [spec], results: [] });
  profile.merge({ numbers: sketcher.take(), texts: [] });
  const { count, grid, moments, whole } = profile.fields()[0] as NumberResult;
  return {
    name,
    kind: 'number',
    count,
    missing: values.length - count,
    mean: moments?.mean ?? null,
    deviation: moments?.deviation ?? null,
    grid,
    whole,
  };
}

/** A generator of numbers in 0 ... 1, the same for the same seed: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Row numbers in an order of chance (Fisher and Yates). */
export function shuffled(rows: number, random: () => number): number[] {
  const order = Array.from({ length: rows }, (_, row) => row);
  for (let at = rows - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}
