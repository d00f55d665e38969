/** What a text is that stands where a number should. */
export type Shape =
  | 'decimal-comma'
  | 'decimal-point'
  | 'thousands'
  | 'percent'
  | 'currency'
  | 'date'
  | 'time'
  | 'yes-no'
  | 'placeholder'
  | 'quoted'
  | 'own-name'
  | 'fraction'
  | 'too-large'
  | 'other';

/** Texts that people and programs write for "not known" and that no list of missing values has unasked. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(['?', '-', '--', '.', '..', '*', 'none', 'nil', 'nul', 'missing', 'unknown', 'undefined', 'n.a.', 'not available', '#n/a', '#na', '#null!', '#div/0!', '#value!', '#ref!', '\\n', '-nan', '<na>', '(null)', 'blank', 'tbd', 'x', 'xx']); // prettier-ignore

const PATTERNS: readonly (readonly [shape: Shape, pattern: RegExp])[] = [
  ['date', /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T]\d{1,2}:\d{2}.*)?$/],
  ['date', /^\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})([ T]\d{1,2}:\d{2}.*)?$/],
  ['date', /^\d{1,2}[- ](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ]\d{2,4}$/i],
  ['time', /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?$/i],
  ['percent', /^[-+]?[\d.,]+ ?%$/],
  ['currency', /^[-+]?([$€£¥₹]|[A-Z]{3}) ?[-+]?[\d.,' ]*\d$|^[-+]?\d[\d.,' ]* ?([$€£¥₹]|[A-Z]{3})$/],
  ['thousands', /^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/],
  ['thousands', /^[-+]?\d{1,3}(\.\d{3})+(,\d*)?$/],
  ['thousands', /^[-+]?\d{1,3}(['’_ \u00a0\u202f]\d{3})+([.,]\d*)?$/],
  ['yes-no', /^(true|false|yes|no|y|n|t|f|on|off)$/i],
  ['quoted', /^'.*'$|^".*"$|^`.*`$/],
];

const COMMA = /^[-+]?(\d+,\d*|,\d+)(e[-+]?\d+)?$/i;
const POINT = /^[-+]?(\d+\.\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * What kind of text this is, which is no number by the grammar of the input. `1,234` may be either of two: it counts as a decimal comma, and as thousands only where
 * a column has nothing else (see settle). Pure.
 *
 * @param own the name of its column: the header stands again among the rows where files were put one behind the other.
 */
export function recognise(text: string, own: string): Shape {
  const plain = text.trim();
  if (plain === own) return 'own-name';
  if (PLACEHOLDERS.has(plain.toLowerCase())) return 'placeholder';
  if (COMMA.test(plain)) return 'decimal-comma';
  if (POINT.test(plain)) return 'decimal-point';
  return PATTERNS.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'other';
}

/** Is it thousands that a column's commas part? Only if each of its texts could be so. */
export function areThousands(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.every((text) => /^[-+]?\d{1,3}(,\d{3})+$/.test(text.trim()));
}
