import type { UnseenTexts } from './unseen-texts.js';

/**
 * The number of a text in a coded tensor: its place among the known texts, or their count for any other text; where `unseen` is given, the number that it has there. The runtime is
 * handed strings that end at their first NUL, so a text stands for what comes before it, here as there.
 */
export function openCoder(texts: readonly string[], unseen?: UnseenTexts): (text: string) => number {
  const codes = new Map(texts.map((text, code) => [text, code]));
  const other = texts.length;
  return (text) => codes.get(text) ?? codes.get(untilNul(text)) ?? unseen?.codeOf(text) ?? other;
}

/** What the runtime takes of a text. */
export function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
