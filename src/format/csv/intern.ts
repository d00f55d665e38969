/** More distinct texts than this are no categories. */
const MOST_CATEGORIES = 4096;

/**
 * Gives equal texts as one and the same string: the runtime takes a string that it has seen much faster than a fresh one. Gives up, and gives back what it
 * got, on a column with too many distinct texts, so that memory stays bounded.
 */
export function openInterner(): (text: string) => string {
  const known = new Map<string, string>();
  let open = true;
  return (text) => {
    if (!open) return text;
    const same = known.get(text);
    if (same !== undefined) return same;
    if (known.size < MOST_CATEGORIES) known.set(text, text);
    else {
      open = false;
      known.clear();
    }
    return text;
  };
}
