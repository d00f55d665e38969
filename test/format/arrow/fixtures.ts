import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file that pyarrow (or Polars) made; `pyarrow/make.py` says how. */
export function made(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(import.meta.dirname, 'pyarrow', name)));
}

/** The text that each cell of all-types must have, by column. */
export const TEXTS = JSON.parse(Buffer.from(made('all-types.json')).toString()) as Readonly<Record<string, readonly (string | null)[]>>;

/** The same, row by row. */
export function textRows(): (string | null)[][] {
  const columns = Object.values(TEXTS);
  return columns[0]!.map((_, row) => columns.map((column) => column[row]!));
}
