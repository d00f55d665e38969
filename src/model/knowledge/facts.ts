import { float32Text } from '../../batch/text.js';
import type { ElementType } from '../../batch/element.js';
import type { Knowledge } from './knowledge.js';

/** Two figures of one column agree within this share: branches of a graph repeat a scaler in other precisions. */
const SAME = 1e-5;

/** Gathers what a graph's operators tell of one element of an input. What two of them contradict is not known. */
export class Facts {
  readonly input: string;
  readonly at: number;
  readonly type: ElementType;
  #categories: readonly string[] | undefined;
  #compared: Set<string> | undefined; // made late: a wide matrix has many elements of which nothing is known
  #markers: Set<string> | undefined;
  #scaler: Scaled | undefined | null; // null: several that differ
  #imputed: number | string | undefined | null;
  #range: { min: number; max: number; from: 'clip' | 'scaler' } | undefined;
  #thresholds: Float64Array[] | undefined;

  constructor(input: string, at: number, type: ElementType) {
    this.input = input;
    this.at = at;
    this.type = type;
  }

  /** An encoder knows these; where several encoders look, what all of them know counts. */
  addCategories(texts: readonly string[]): void {
    const known = this.#categories === undefined ? undefined : new Set(texts);
    this.#categories = known === undefined ? texts : this.#categories?.filter((text) => known.has(text));
  }

  /** It is compared with this text. */
  addComparison(text: string): void {
    (this.#compared ??= new Set()).add(text);
  }

  /** These texts stand for a missing value, which is replaced. */
  addMarkers(texts: readonly string[]): void {
    this.#markers ??= new Set();
    for (const text of texts) this.#markers.add(text);
  }

  addImputed(value: number | string): void {
    this.#imputed = this.#imputed === undefined || this.#imputed === value ? value : null;
  }

  /** A scaler takes `mean` away and divides by `deviation`, both in the input's units. */
  addScaler(found: Scaled): void {
    this.#scaler = this.#scaler === undefined || (this.#scaler !== null && agree(this.#scaler, found)) ? (this.#scaler ?? found) : null;
  }

  /** Beyond `clip` all values are the same to the model; `scaler`: what a min-max scaler makes 0 and 1 of. */
  addRange(one: number, other: number, from: 'clip' | 'scaler'): void {
    if (!Number.isFinite(one) || !Number.isFinite(other)) return;
    if (this.#range === undefined || from === 'clip') this.#range = { min: Math.min(one, other), max: Math.max(one, other), from };
  }

  /** Sorted, each once, in the input's units. */
  addThresholds(values: Float64Array): void {
    if (values.length > 0) (this.#thresholds ??= []).push(values);
  }

  /** What is known, undefined where nothing is. */
  known(): Knowledge | undefined {
    const known: { -readonly [K in keyof Knowledge]: Knowledge[K] } = { input: this.input, at: this.at };
    const categories = this.#knownCategories();
    if (categories !== undefined) known.categories = categories;
    if (this.#scaler !== undefined && this.#scaler !== null) {
      if (this.#scaler.mean !== undefined) known.mean = this.#short(this.#scaler.mean);
      if (this.#scaler.deviation !== undefined) known.deviation = this.#short(this.#scaler.deviation);
    }
    if (this.#imputed !== undefined && this.#imputed !== null) {
      known.imputed = typeof this.#imputed === 'number' ? this.#short(this.#imputed) : this.#imputed;
    }
    if (this.#range !== undefined) known.range = { ...this.#range, min: this.#short(this.#range.min), max: this.#short(this.#range.max) };
    const all = distinct(this.#thresholds ?? []);
    if (all.length > 0) known.thresholds = { min: this.#short(all[0] ?? 0), max: this.#short(all.at(-1) ?? 0), count: all.length };
    return Object.keys(known).length > 2 ? known : undefined;
  }

  #knownCategories(): readonly string[] | undefined {
    const compared = [...(this.#compared ?? [])].filter((text) => this.#markers?.has(text) !== true);
    // one comparison asks for one text, and says nothing of the others
    const known = this.#categories ?? (compared.length > 1 ? compared : undefined);
    if (known === undefined || known.length === 0) return undefined;
    const markers = [...(this.#markers ?? [])].filter((text) => text !== '' && !known.includes(text)); // an empty text is missing to everyone
    return [...known, ...markers];
  }

  /** Graphs hold float32 for most inputs: then as the shortest decimal that is the same float32. */
  #short(value: number): number {
    if (value === 0) return 0; // never -0
    if (this.type === 'float64') return value;
    const rounded = Math.fround(value);
    return Number.isFinite(rounded) ? Number(float32Text(rounded)) : value;
  }
}

interface Scaled {
  readonly mean: number | undefined;
  readonly deviation: number | undefined;
}

function agree(one: Scaled, other: Scaled): boolean {
  const near = (a: number | undefined, b: number | undefined): boolean =>
    a === b || (a !== undefined && b !== undefined && Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b), one.deviation ?? 0));
  return near(one.mean, other.mean) && near(one.deviation, other.deviation);
}

/** All values of some sorted lists, sorted, each once. */
function distinct(lists: readonly Float64Array[]): Float64Array {
  const [first = new Float64Array(0)] = lists;
  if (lists.length < 2) return first;
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return sortedOnce(all);
}

/** Sorts in place, and gives the part that holds each value once. */
export function sortedOnce(values: Float64Array): Float64Array {
  values.sort();
  let count = 0;
  for (const value of values) if (count === 0 || values[count - 1] !== value) values[count++] = value;
  return values.subarray(0, count);
}
