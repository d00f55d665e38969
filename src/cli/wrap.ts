/** Breaks a text at blanks into lines of at most `width` characters; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Two columns: terms on the left, wrapped texts on the right; a term that is too long has its text on the next line. */
export function definitions(entries: readonly (readonly [term: string, text: string])[], termWidth: number, width: number): readonly string[] {
  const indent = ' '.repeat(termWidth + 4);
  return entries.flatMap(([term, text]) => {
    const lines = wrap(text, width - indent.length);
    const head = `  ${term.padEnd(termWidth)}  `;
    if (term.length > termWidth) return [`  ${term}`, ...lines.map((line) => indent + line)];
    return lines.map((line, index) => (index === 0 ? head : indent) + line);
  });
}
