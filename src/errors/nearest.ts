/** Names that were probably meant: equal but for case and punctuation, or at most two typing errors away; the nearest first, three at most. */
export function nearest(name: string, candidates: readonly string[]): string[] {
  const plain = simplify(name);
  return candidates
    .map((candidate, order) => ({ candidate, order, distance: simplify(candidate) === plain && plain !== '' ? 0 : editDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.min(2, Math.floor(Math.max(name.length, candidate.length) / 2)))
    .sort((a, b) => a.distance - b.distance || a.order - b.order)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal string alignment; Damerau 1964), given
 * up at 3.
 */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 3;
}
