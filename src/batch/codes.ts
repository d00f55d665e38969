/**
 * The number of a text in a coded tensor: its place among the known texts, or their count for any other text. The runtime is handed strings that end at
 * their first NUL, so a text stands for what comes before it, here as there.
 */
export function openCoder(texts: readonly string[]): (text: string) => number {
  const codes = new Map(texts.map((text, code) => [text, code]));
  const other = texts.length;
  return (text) => {
    const code = codes.get(text);
    if (code !== undefined) return code;
    const end = text.indexOf('\0');
    return end < 0 ? other : (codes.get(text.slice(0, end)) ?? other);
  };
}
