/** A word as a POSIX shell must be given it; words with control characters in the `$'…'` form, which bash, zsh and ksh read. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/\p{Cc}/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replace(/['\\]|\p{Cc}/gu, (character) => {
    if (character === "'" || character === '\\') return `\\${character}`;
    return Buffer.from(character, 'utf8').reduce((text, byte) => `${text}\\x${byte.toString(16).padStart(2, '0')}`, '');
  });
  return `$'${escaped}'`;
}

/** A path as an argument: one that starts like a flag is given from the current folder. */
export function shellPath(path: string): string {
  return shellQuote(path.startsWith('-') ? `./${path}` : path);
}

/** Is a path called as models are? */
export function looksLikeModel(path: string): boolean {
  return /\.onnx$/i.test(path);
}
