import type { ModelFacts, InputFacts } from '../../model/inspect.js';
import { quoteItem, quotePairName } from '../list.js';
import { shellQuote } from '../shell.js';

/** A small input file for a model, and the flags that it needs to be scored with. */
export interface SampleInput {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Words for the command line, each as the shell must be given it. */
  readonly flags: readonly string[];
}

export const SAMPLE_ROWS = 3;
/** Columns of a matrix that takes any number of them. */
const OPEN_WIDTH = 1;

/**
 * Three rows that a model takes: an `id`, zeros and ones for numbers, values that its encoders know for texts. Columns are named for inputs and features;
 * where nothing names the columns of a matrix they are called x1, x2, …, to be renamed. Pure.
 */
export function sampleInput({ inputs, featureNames, knowledge }: Pick<ModelFacts, 'inputs' | 'featureNames' | 'knowledge'>): SampleInput {
  const used = new Set<string>();
  const fresh = (wanted: string): string => {
    let name = wanted;
    for (let count = 2; name === '' || used.has(name); count++) name = `${wanted === '' ? 'input' : wanted}_${count}`;
    used.add(name);
    return name;
  };
  inputs.forEach(({ kind, name }) => kind === 'column' && used.add(name));
  const matrices = inputs.filter(({ kind }) => kind === 'matrix');
  const named = matrices.length === 1 ? featureNames : null;
  named?.forEach((name) => used.add(name));
  const known = new Map(knowledge.map(({ input, at, categories }) => [`${at} ${input}`, categories]));
  const features: string[] = [];
  const flags: string[] = [];
  const fields = inputs.flatMap((input): Field[] => {
    if (input.kind === 'column') {
      const column = input.name === '' ? fresh('') : input.name;
      if (column !== input.name) flags.push('--bind', shellQuote(`${quotePairName(input.name)}=${column}`));
      return [{ column, input, categories: known.get(`0 ${input.name}`) }];
    }
    const width = named?.length ?? input.width ?? OPEN_WIDTH;
    return Array.from({ length: width }, (_, at) => {
      const column = named?.[features.length] ?? fresh(`x${features.length + 1}`);
      features.push(column);
      return { column, input, categories: known.get(`${at} ${input.name}`) };
    });
  });
  // names that are made up here are not those of a contract beside the model
  if (features.length > 0 && named === null) flags.push('--contract', 'none', '--features', shellQuote(features.map(quoteItem).join(',')));
  const id = fresh('id');
  return {
    columns: [id, ...fields.map(({ column }) => column)],
    rows: Array.from({ length: SAMPLE_ROWS }, (_, row) => [String(row + 1), ...fields.map((field) => sampleValue(field, row))]),
    flags,
  };
}

interface Field {
  readonly column: string;
  readonly input: InputFacts;
  /** Those that its encoders know. */
  readonly categories: readonly string[] | undefined;
}

function sampleValue({ input: { type }, categories }: Field, row: number): string {
  if (categories !== undefined) return categories[row % categories.length] ?? '';
  if (type === 'string') return `text ${row + 1}`;
  if (type === 'bool') return row % 2 === 0 ? 'true' : 'false';
  return String(row % 2);
}

/** The sample as CSV: comma, LF, quotes where they are needed. */
export function sampleCsv({ columns, rows }: SampleInput): string {
  return [columns, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\n`).join('');
}

function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
