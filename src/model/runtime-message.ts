const NOISE: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/\[ONNXRuntimeError\] : \d+ : \w+ : /g, ''],
  [/Non-zero status code returned while running /g, ''],
  [/Exception during initialization: /g, ''],
  [/Load model from \S+ failed:/g, ''],
  [/\bName:'' /g, ''],
  [/\.? Status Message: /g, ': '],
  [/\bidx=-?\d+/g, 'index'], // the value itself belongs to the row, not to the journal
  [/\(value: [^)]*\)/g, ''],
];

/** What the runtime said, as one line without source positions and without values of rows. */
export function cleanRuntimeMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = NOISE.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), withoutSource(text)).trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** Where in the runtime's sources a message was written: file, line, and the function with its types, which may take more room than the message. */
function withoutSource(text: string): string {
  const place = /[\w./+-]+\.(?:cc|h|cpp|hpp):\d+ /.exec(text);
  if (place === null) return text;
  const before = text.slice(0, place.index);
  const rest = text.slice(place.index + place[0].length);
  const lambda = /^.*?<lambda\([^)]*\)> /.exec(rest);
  if (lambda !== null) return before + rest.slice(lambda[0].length);
  const open = rest.indexOf('(');
  if (!rest.slice(0, Math.max(0, open)).includes('::')) return before + rest.replace(/^[A-Z]\w*[a-z]\w* /, ''); // a bare name of a function
  const types = rest.slice(closing(rest, open, '(', ')')).replace(/^ const\b/, '');
  const message = types.startsWith(' [with ') ? types.slice(closing(types, 1, '[', ']')) : types;
  return before + message.replace(/^ ?(?:[^.]{1,120} was false\. (?=\S))?/, '');
}

/** The position behind the bracket that closes the one at `from`; the text's end where none does. */
function closing(text: string, from: number, open: string, close: string): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return at + 1;
  }
  return text.length;
}

/** Did the runtime fail for want of memory, whatever the rows? */
export function isOutOfMemory(error: unknown): boolean {
  return /bad_alloc|bad allocation|Failed to allocate memory|out of memory|Integer overflow|length_error|cannot create std::vector|would require more than \d+ bytes/i.test(
    error instanceof Error ? error.message : String(error),
  );
}
