const NOISE: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/\[ONNXRuntimeError\] : \d+ : \w+ : /g, ''],
  [/Non-zero status code returned while running /g, ''],
  [/Exception during initialization: /g, ''],
  [/Load model from \S+ failed:/g, ''],
  [/(?:\/[\w.+-]+)+\.(?:cc|h|cpp|hpp):\d+ /g, ''], // where in the runtime's sources
  [/(?:\w+ )?onnxruntime::[^( ]+\([^)]*\)\S*(?: const)? /g, ''], // and in which of its functions
  [/\bvoid (?=This)/g, ''],
  [/\bName:'' /g, ''],
  [/\.? Status Message: /g, ': '],
  [/\bidx=-?\d+/g, 'index'], // the value itself belongs to the row, not to the journal
  [/\(value: [^)]*\)/g, ''],
];

/** What the runtime said, as one line without source positions and without values of rows. */
export function cleanRuntimeMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = NOISE.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text).trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** Did the runtime fail for want of memory, whatever the rows? */
export function isOutOfMemory(error: unknown): boolean {
  return /bad_alloc|bad allocation|Failed to allocate memory|out of memory|Integer overflow|length_error|cannot create std::vector/i.test(
    error instanceof Error ? error.message : String(error),
  );
}
