/**
 * The grammar of lists on the command line and in the environment: items separated by commas; an item in double quotes may hold commas, and
 * quotes written twice. A quote opens at the start of an item, and after `=` in lists of pairs; anywhere else it is a character like others.
 */

/** Cuts a list at the commas that stand outside quotes; quotes are kept. An unclosed quote takes the rest. */
export function splitList(text: string, quoteAfterEquals = false): readonly string[] {
  const items: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted) {
      if (character === '"') quoted = false;
    } else if (character === ',') {
      items.push(text.slice(start, index));
      start = index + 1;
    } else if (character === '"') {
      const before = text[index - 1];
      quoted = index === start || before === '"' || (quoteAfterEquals && before === '=');
    }
  }
  items.push(text.slice(start));
  return items;
}

/** The name that an item stands for: without its quotes, doubled ones made single. Undefined where the quoting is broken. */
export function unquote(item: string): string | undefined {
  if (!item.startsWith('"')) return item;
  const body = /^"((?:[^"]|"")*)"$/.exec(item)?.[1];
  return body?.replaceAll('""', '"');
}

/** An item as it must be written in a list so that `unquote` gives the name back. */
export function quoteItem(name: string): string {
  return /^["@]|[,"\n\r]|^$|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** `NAME=VALUE`, cut at the first `=` that stands outside quotes. Undefined where there is none, the name is empty or the quoting broken. */
export function splitPair(item: string): readonly [string, string] | undefined {
  const match = /^("(?:[^"]|"")*"|[^"=][^=]*)=([^]*)$/.exec(item);
  const name = unquote(match?.[1] ?? '');
  const value = unquote(match?.[2] ?? '');
  if (match === null || name === undefined || name === '' || value === undefined) return undefined;
  return [name, value];
}

/** The name side of a pair, written so that `splitPair` gives it back. */
export function quotePairName(name: string): string {
  return /^"|[=,]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** The lines of a file of names: one name a line, byte order mark and empty lines left out, nothing else trimmed. */
export function namesOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
}
