import type { CsvDialect } from './setup.js';
import { openUnquoter } from './unquote.js';

const BLANKS = /^[ \t]+|[ \t]+$/g;

/** Takes off the spaces and tabs at both ends. */
export function trimBlanks(text: string): string {
  return text.replace(BLANKS, '');
}

/** Reads the value of one raw, well-formed cell `bytes[from, to)`: unquoted, its escapes undone; with `trim`, without the blanks around it where it has no quotes. */
export function openCellText(dialect: CsvDialect, trim: boolean): (bytes: Uint8Array, from: number, to: number) => string {
  const unquote = openUnquoter(dialect);
  if (!trim) return unquote;
  const quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0);
  return (bytes, from, to) => (bytes[from] === quote && from < to ? unquote(bytes, from, to) : trimBlanks(unquote(bytes, from, to)));
}
