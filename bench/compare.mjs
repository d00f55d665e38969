// Two outputs say the same: same header, same ids in the same order, numbers within a tolerance.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Gives the number of rows; throws at the first difference. Labels may differ where the probabilities are even, and nowhere else. */
export async function compareOutputs(path, reference, tolerance) {
  const ours = lines(path);
  const theirs = lines(reference);
  let number = 0;
  for (;;) {
    const [mine, other] = await Promise.all([ours.next(), theirs.next()]);
    if (mine.done && other.done) return number - 1;
    number++;
    if (mine.done || other.done) throw new Error(`${mine.done ? path : reference} ends before line ${number}`);
    if (mine.value !== other.value && !alike(mine.value.split(','), other.value.split(','), tolerance)) {
      throw new Error(`line ${number} differs:\n  ${path}: ${mine.value}\n  ${reference}: ${other.value}`);
    }
  }
}

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
