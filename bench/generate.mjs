// Seeded input for the benchmarks: the same seed and size give the same bytes on every machine. What is there already is left as it is.
import { closeSync, existsSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';

export const FLOATS = 28;
export const WIDE = 5_000;
const NUMBERS = 6;
/** Categories of each column of strings, the last one long-tailed as shops or towns are. */
const CATEGORIES = [2, 4, 7, 12, 23, 50, 100, 1_000];
const SEED = 20_261_101;
const ROWS_PER_WRITE = 2_000;
const COPY_BYTES = 4 << 20;

export const floatNames = Array.from({ length: FLOATS }, (_, index) => `f${index}`);

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

/** The sum of three even numbers is near enough to a bell. Gives numbers in (-3, 3). */
const bell = (next) => 2 * (next() + next() + next()) - 3;

/**
 * Writes `rows` rows of an id and 28 floats with five or six digits after the point: about 267 bytes a row, as measurements look. With
 * `spoiledEvery` one cell of every so many rows, each time of the next column, is no number; all other bytes are the same.
 */
export function generateFloats(path, rows, { spoiledEvery = Infinity } = {}) {
  const next = random(SEED);
  writeRows(path, `id,${floatNames.join(',')}`, rows, (row) => {
    const spoiled = row % spoiledEvery === spoiledEvery - 1 ? Math.floor(row / spoiledEvery) % FLOATS : -1;
    let text = `${row}`;
    for (let index = 0; index < FLOATS; index++) {
      const cell = bell(next).toFixed(index % 7 === 0 ? 5 : 6);
      text += index === spoiled ? ',n/x' : `,${cell}`;
    }
    return text;
  });
}

/** Writes `rows` rows of an id, 6 numbers and 8 columns of categories, the first categories of each column the most frequent: about 105 bytes a row. */
export function generateMixed(path, rows) {
  const next = random(SEED + 1);
  const numbers = Array.from({ length: NUMBERS }, (_, index) => `n${index}`);
  const strings = CATEGORIES.map((_, index) => `s${index}`);
  const names = CATEGORIES.map((count) => Array.from({ length: count }, (_, ordinal) => word(next, ordinal)));
  writeRows(path, ['id', ...numbers, ...strings].join(','), rows, (row) => {
    let text = `${row}`;
    for (let index = 0; index < NUMBERS; index++) text += `,${(bell(next) * 10 ** (index % 3)).toFixed(3)}`;
    for (const categories of names) text += `,${categories[Math.floor(next() ** 2 * categories.length)]}`;
    return text;
  });
}

/** A made-up word of two to four syllables and its number, which keeps it apart from the others of its column. */
function word(next, ordinal) {
  const syllables = Array.from(
    { length: 2 + Math.floor(next() * 3) },
    () => 'bdfgklmnprst'[Math.floor(next() * 12)] + 'aeiou'[Math.floor(next() * 5)],
  );
  return `${syllables.join('')}-${ordinal}`;
}

/**
 * Writes `rows` rows of an id and 5,000 floats with four digits after the point: about 37 KB a row. A row is a run of cells from a ring of
 * a million, so that a gigabyte is made in the time it takes to write it.
 */
export function generateWide(path, rows) {
  if (existsSync(path)) return;
  const next = random(SEED + 2);
  const cells = 1 << 20;
  const starts = new Uint32Array(cells + 1);
  const texts = Array.from({ length: cells }, (_, index) => {
    const text = `,${bell(next).toFixed(4)}`;
    starts[index + 1] = starts[index] + text.length;
    return text;
  });
  const ring = Buffer.from(texts.join(''), 'latin1');
  const header = `id,${Array.from({ length: WIDE }, (_, index) => `w${index}`).join(',')}`;
  writeRows(path, header, rows, (row) => {
    const first = Math.floor(next() * (cells - WIDE));
    return row + ring.latin1Slice(starts[first], starts[first + WIDE]);
  });
}

/** Writes `times` times the records of `source`, under its header once, in pieces of 4 MB. */
export function repeatRecords(source, target, times) {
  const from = openSync(source, 'r');
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  const header = buffer.subarray(0, readSync(from, buffer, 0, COPY_BYTES, 0)).indexOf(0x0a) + 1;
  const size = statSync(source).size;
  whole(target, (to) => {
    writeAll(to, buffer.subarray(0, header));
    for (let time = 0; time < times; time++) {
      for (let at = header; at < size;) {
        const read = readSync(from, buffer, 0, COPY_BYTES, at);
        writeAll(to, buffer.subarray(0, read));
        at += read;
      }
    }
  });
  closeSync(from);
}

function writeRows(path, header, rows, recordOf) {
  if (existsSync(path)) return;
  whole(path, (fd) => {
    writeAll(fd, Buffer.from(`${header}\n`, 'latin1'));
    // As many as make pieces of some megabytes, of wide rows fewer.
    const rowsPerWrite = Math.max(1, Math.min(ROWS_PER_WRITE, Math.floor(COPY_BYTES / header.length)));
    for (let row = 0; row < rows;) {
      let text = '';
      for (const end = Math.min(rows, row + rowsPerWrite); row < end; row++) text += `${recordOf(row)}\n`;
      writeAll(fd, Buffer.from(text, 'latin1'));
    }
  });
}

/** The file appears when it is whole: one that was broken off is made anew. */
function whole(path, fill) {
  const part = `${path}.part`;
  const fd = openSync(part, 'w');
  fill(fd);
  closeSync(fd);
  renameSync(part, path);
}

function writeAll(fd, bytes) {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}
