const EIGHTHS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values as bars of one character each, from `least` to `most`. What is not there, and what is not above a `least` of 0, is a blank. */
export function sparkline(values: readonly (number | null)[], least: number, most: number): string {
  return values.map((value) => (value === null || (value <= 0 && least === 0) ? ' ' : barOf(value, least, most))).join('');
}

function barOf(value: number, least: number, most: number): string {
  if (most <= least) return EIGHTHS[3] ?? '';
  const eighth = Math.ceil(((value - least) / (most - least)) * EIGHTHS.length) - 1;
  return EIGHTHS[Math.min(EIGHTHS.length - 1, Math.max(0, eighth))] ?? '';
}
