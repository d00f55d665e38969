/** Keys of a journal line that differ from run to run; they are replaced by their kind. */
const VARIABLE = new Set(['run', 'at', 'prev', 'digest', 'versions', 'process', 'seconds', 'cpu', 'peakMemoryBytes', 'workers', 'machine', 'staged']);

/** A journal as stable text: one indented JSON object an entry, with clock, ids and machine taken out. */
export function normaliseJournal(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.stringify(JSON.parse(line) as unknown, (key, value: unknown) => (VARIABLE.has(key) ? '…' : value), 2))
    .join('\n');
}
