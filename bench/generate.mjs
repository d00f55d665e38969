// Seeded input for the benchmarks: the same seed and size give the same bytes on every machine.
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';

export const FLOATS = 28;
const SEED = 20_261_101;
const ROWS_PER_WRITE = 2_000;

export const featureNames = Array.from({ length: FLOATS }, (_, index) => `f${index}`);

/** mulberry32: small, even, and the same everywhere. Gives numbers in [0, 1). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Writes `rows` rows of an id and 28 floats with five or six digits after the point: about 267 bytes a row, as measurements look. The sum of
 * three even numbers is near enough to a bell.
 */
export function generateFloats(path, rows) {
  if (existsSync(path)) return;
  const next = random(SEED);
  const part = `${path}.part`;
  const fd = openSync(part, 'w');
  writeSync(fd, `id,${featureNames.join(',')}\n`);
  for (let row = 0; row < rows;) {
    let text = '';
    for (const end = Math.min(rows, row + ROWS_PER_WRITE); row < end; row++) {
      text += row;
      for (let index = 0; index < FLOATS; index++) text += `,${(2 * (next() + next() + next()) - 3).toFixed(index % 7 === 0 ? 5 : 6)}`;
      text += '\n';
    }
    const bytes = Buffer.from(text, 'latin1');
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
  }
  closeSync(fd);
  renameSync(part, path);
}
