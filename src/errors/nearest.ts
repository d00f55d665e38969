/**
 * Names that somebody may have meant: equal but for case and punctuation (exporters turn `capital-gain` into `capital_gain`), or at most two
 * slips away (a letter more, less, other, or two swapped; Damerau and Levenshtein's distance). Best first, at most three.
 */
export function nearMisses(wanted: string, names: readonly string[]): string[] {
  const plain = plainName(wanted);
  const scored = names.filter((name) => name !== wanted).map((name) => ({ name, slips: sameName(plain, name) ? 0 : slipsBetween(wanted, name) }));
  const limit = wanted.length <= 3 ? 1 : 2;
  const near = scored.filter(({ slips, name }) => slips === 0 || (slips <= limit && slips < Math.max(wanted.length, name.length)));
  return near.sort((a, b) => a.slips - b.slips).slice(0, 3).map(({ name }) => name); // prettier-ignore
}

/** `; did you mean "a" or "b"?`, or nothing. */
export function didYouMean(near: readonly string[]): string {
  return near.length === 0 ? '' : `; did you mean ${near.map((name) => JSON.stringify(name)).join(' or ')}?`;
}

/** How many names a message lists. */
const LISTED = 10;
const LONGEST_NAME = 200;

/** Names in quotes, the first ten of many, for messages. */
export function namesText(names: readonly string[]): string {
  const listed = names.slice(0, LISTED).map((name) => JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name));
  return names.length > LISTED ? `${listed.join(', ')}, … (${names.length} in all; -v lists them)` : listed.join(', ');
}

function sameName(plain: string, name: string): boolean {
  return plain !== '' && plain === plainName(name);
}

/** A name without what exporters change: case, blanks and punctuation. */
export function plainName(name: string): string {
  if (/^[a-z0-9]+$/.test(name)) return name;
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

const MOST_SLIPS = 2;

/** Distance with insertions, deletions, replacements and swaps of neighbours; 3 stands for anything more. */
export function slipsBetween(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > MOST_SLIPS || left.length > 200 || right.length > 200) return MOST_SLIPS + 1;
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = new Array<number>(right.length + 1).fill(Infinity);
    current[0] = row;
    // farther from the diagonal than that there are more slips
    for (let column = Math.max(1, row - MOST_SLIPS); column <= Math.min(right.length, row + MOST_SLIPS); column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const replaced = at(above, column - 1) + (same ? 0 : 1);
      const shifted = Math.min(at(above, column), at(current, column - 1)) + 1;
      current[column] = Math.min(replaced, shifted, swapped ? at(before, column - 2) + 1 : Infinity);
    }
    if (isBeyond(current) && isBeyond(above)) return MOST_SLIPS + 1; // a swap goes over one row
    before = above;
    above = current;
  }
  return Math.min(MOST_SLIPS + 1, at(above, right.length));
}

function isBeyond(row: readonly number[]): boolean {
  return row.every((slips) => slips > MOST_SLIPS);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
