/**
 * Edges as they are drawn. The bars at both ends of a histogram of the journal gather all that lies beyond the others, however far: they are drawn as wide as their
 * neighbours, else one value far away would leave no room for all others. A column of one value gets a width.
 */
export function shownEdges(edges: readonly number[]): number[] {
  const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  if (edges.length === 2 && first === last) return [first - 0.5, last + 0.5];
  if (edges.length < 4) return [...edges];
  const [second, third, beforeLast] = [edges[1] ?? 0, edges[2] ?? 0, edges.at(-2) ?? 0];
  const step = third - second;
  return [Math.max(first, second - step), ...edges.slice(1, -1), Math.min(last, beforeLast + step)];
}

/** Edges at halves, as those of whole numbers are. */
export function areWhole(edges: readonly number[]): boolean {
  return edges.every((edge) => Math.abs(edge % 1) === 0.5);
}
