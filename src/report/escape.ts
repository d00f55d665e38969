const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text that cannot steer a terminal or forge a line: control characters, bidirectional and line separators, and lone surrogates are
 * written as escapes. Names in files and models are not ours.
 */
export function escapeControl(text: string): string {
  // Cc: C0, DEL, C1; Cf: bidirectional overrides, zero-width characters, the byte order mark; Zl, Zp: separators; Cs: surrogates without a mate
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return NAMED[character] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
  });
}
