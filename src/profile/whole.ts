import type { ExactSum } from './exact-sum.js';
import type { GridFigures } from './figures.js';
import { cellEdges, isInfinite } from './grid.js';

/**
 * Are the finite values whole numbers, as far as a grid and exact sums tell? Each of their cells holds a whole number, and so do the sums of the values and of their squares. Where cells
 * are narrower than 1 that is sure; where they are wider, fractions that add up to whole numbers twice are not told from them, and then they matter to no figure.
 */
export function areWhole({ bits, cells }: GridFigures, values: ExactSum, squares: ExactSum): boolean {
  return cells.every(([cell]) => isInfinite(cell, bits) || wholeIn(cell, bits) !== undefined) && isWholeSum(values) && isWholeSum(squares);
}

/** The least and the greatest whole number of a finite cell; undefined where it holds none. */
export function wholeIn(cell: number, bits: number): { readonly least: number; readonly most: number } | undefined {
  if (cell === 0) return { least: 0, most: 0 };
  const { from, to } = cellEdges(Math.abs(cell), bits);
  const [near, far] = [Math.ceil(from), Math.ceil(to) - 1]; // the farther edge is the next cell's
  if (near > far) return undefined;
  return cell > 0 ? { least: near, most: far } : { least: -far, most: -near };
}

function isWholeSum(sum: ExactSum): boolean {
  const { numerator, exponent } = sum.exact();
  return exponent >= 0 || BigInt.asUintN(-exponent, numerator) === 0n;
}
