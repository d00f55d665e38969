// Two outputs say the same. What is compared is what was timed: a contender that writes something else would be no contender.
import { createReadStream, openSync, readSync, closeSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';

const PIECE_BYTES = 4 << 20;

/**
 * Same header, same ids in the same order, numbers within `relative` or `absolute`; the reference may have rows more where `rejects` says so, as
 * many as it says. Labels may differ where the probabilities are even, and nowhere else. Gives the number of rows; throws at the first difference.
 */
export async function compareOutputs(path, reference, { relative, absolute, rejects = 0 }) {
  const ours = lines(path);
  const theirs = lines(reference);
  let number = 0;
  let passed = 0;
  for (;;) {
    const mine = await ours.next();
    let other = await theirs.next();
    while (passed < rejects && !other.done && (mine.done || idOf(mine.value) !== idOf(other.value))) {
      passed++;
      other = await theirs.next();
    }
    if (mine.done && other.done) break;
    number++;
    if (mine.done || other.done) throw new Error(`${mine.done ? path : reference} ends before line ${number}`);
    if (mine.value !== other.value && !alike(mine.value.split(','), other.value.split(','), { relative, absolute })) {
      throw new Error(`line ${number} differs:\n  ${path}: ${mine.value}\n  ${reference}: ${other.value}`);
    }
  }
  if (passed !== rejects) throw new Error(`${path} lacks ${passed} rows of ${reference}, not ${rejects}`);
  return number - 1;
}

/** The labels of another model, trained on the same rows: gives the share that agrees, which is high only when it scored the same rows in the same order. */
export async function shareOfLabels(path, reference, columns) {
  const ours = lines(path);
  const theirs = lines(reference);
  const [at, otherAt] = [(await ours.next()).value.split(',').indexOf(columns[0]), (await theirs.next()).value.split(',').indexOf(columns[1])];
  let rows = 0;
  let same = 0;
  for (;;) {
    const [mine, other] = [await ours.next(), await theirs.next()];
    if (mine.done !== other.done) throw new Error(`${mine.done ? path : reference} has only ${rows} rows`);
    if (mine.done) return { rows, share: same / rows };
    rows++;
    if (mine.value.split(',')[at] === other.value.split(',')[otherAt]) same++;
  }
}

/** True when `path` is the header of `once` and then `times` times its records, byte for byte. */
export function isRepeated(path, once, times) {
  const [long, short] = [openSync(path, 'r'), openSync(once, 'r')];
  try {
    const [ours, theirs] = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)];
    const size = statSync(once).size;
    const header = theirs.subarray(0, readSync(short, theirs, 0, PIECE_BYTES, 0)).indexOf(0x0a) + 1;
    if (statSync(path).size !== header + times * (size - header)) return false;
    for (let at = 0, from = 0; at < statSync(path).size;) {
      const length = Math.min(PIECE_BYTES, size - from);
      readSync(long, ours, 0, length, at);
      readSync(short, theirs, 0, length, from);
      if (!ours.subarray(0, length).equals(theirs.subarray(0, length))) return false;
      at += length;
      from = from + length === size ? header : from + length;
    }
    return true;
  } finally {
    closeSync(long);
    closeSync(short);
  }
}

const idOf = (line) => line.slice(0, line.indexOf(','));

function alike(a, b, { relative, absolute }) {
  if (a.length !== b.length || a[0] !== b[0]) return false;
  const even = a.length === 4 && Math.abs(Number(a[2]) - 0.5) < absolute;
  return a.every((cell, index) => {
    if (cell === b[index] || (even && index === 1)) return true;
    const [x, y] = [Number(cell), Number(b[index])];
    return Math.abs(x - y) <= Math.max(absolute, relative * Math.max(Math.abs(x), Math.abs(y)));
  });
}

function lines(path) {
  return createInterface({ input: createReadStream(path), crlfDelay: Infinity })[Symbol.asyncIterator]();
}
