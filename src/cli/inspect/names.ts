/** A name whose ends would not be seen stands in quotes. */
export function shown(name: string): string {
  return name === '' || name !== name.trim() ? `"${name}"` : name;
}

const MAX_LISTED = 12;

export function shortList(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? `, … (${names.length})` : '';
  return names.slice(0, MAX_LISTED).join(', ') + more;
}
