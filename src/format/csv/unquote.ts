import type { CsvDialect } from './setup.js';

/** Reads the value of one raw, well-formed cell `bytes[from, to)`: without its quotes, escapes undone. */
export function openUnquoter(dialect: CsvDialect): (bytes: Uint8Array, from: number, to: number) => string {
  const { quote, escape } = dialect;
  const quoteByte = quote === '' ? -1 : quote.charCodeAt(0);
  return (bytes, from, to) => {
    const text = (start: number, end: number) => Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
    if (to - from < 2 || bytes[from] !== quoteByte) return text(from, to);
    const inner = text(from + 1, to - 1);
    if (!inner.includes(escape)) return inner;
    return escape === quote ? inner.replaceAll(quote + quote, () => quote) : withoutEscapes(inner, escape);
  };
}

/** What follows an escape stands for itself, another escape too. */
function withoutEscapes(text: string, escape: string): string {
  let plain = '';
  let from = 0;
  for (let at = text.indexOf(escape); at >= 0; at = text.indexOf(escape, at + 2)) {
    plain += text.slice(from, at);
    from = at + 1;
  }
  return plain + text.slice(from);
}
