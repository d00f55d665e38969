// What the scenes score: 10,000 rows made of the housing fixture, every hundredth of which cannot be scored.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Float64, RecordBatchFileWriter, RecordBatchStreamWriter, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { ROOT } from './command.mjs';

export const ROWS = 10_000;
const CALIFORNIA = join(ROOT, 'fixtures', 'california');
export const MODEL = readFileSync(join(CALIFORNIA, 'california-linear.onnx'));
export const TREES = readFileSync(join(CALIFORNIA, 'california-trees.onnx'));

const [HEADER, ...LINES] = readFileSync(join(CALIFORNIA, 'california.csv'), 'utf8').trim().split('\n');

/** A column that the model reads, and the one kind of fault for each format that rejects a row. */
const SPOILT = 'population';
const AT = HEADER.split(',').indexOf(SPOILT);

/** One row in a hundred is spoilt; `seed` moves the rows on, so that two inputs differ. */
function cellsOf(index, seed, spoil) {
  const cells = LINES[(index + seed * 977) % LINES.length].split(',');
  if (index % 100 === 41) cells[AT] = spoil;
  return [`id-${String(seed * ROWS + index).padStart(7, '0')}`, ...cells];
}

export const NAMES = ['id', ...HEADER.split(',')];

/** @param {{ rows?: number, seed?: number, clean?: boolean }} [options] `clean`: no row is spoilt */
export function csvInput({ rows = ROWS, seed = 0, clean = false } = {}) {
  const lines = Array.from({ length: rows }, (_, index) => cellsOf(index, seed, clean ? '1000' : 'many').join(','));
  return Buffer.from(`${[NAMES.join(','), ...lines].join('\n')}\n`);
}

/** Record batches of 1,000 rows. A number beyond what float32 holds spoils a row: the one fault that a typed column can have. */
export function arrowInput({ rows = ROWS, seed = 0, container = 'file' } = {}) {
  const writer = container === 'file' ? new RecordBatchFileWriter() : new RecordBatchStreamWriter();
  const texts = new Set(['id', 'ocean_proximity']);
  for (let at = 0; at < rows; at += 1000) {
    const part = Array.from({ length: Math.min(1000, rows - at) }, (_, index) => cellsOf(at + index, seed, '1e300'));
    const columns = NAMES.map((name, column) => {
      const cells = part.map((row) => row[column]);
      if (texts.has(name)) return [name, vectorFromArray(cells, new Utf8())];
      return [name, vectorFromArray(cells.map((cell) => (cell === '' ? null : Number(cell))), new Float64())]; // prettier-ignore
    });
    for (const batch of new Table(Object.fromEntries(columns)).batches) writer.write(batch);
  }
  return Buffer.from(writer.finish().toUint8Array(true));
}
