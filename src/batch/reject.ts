/** Why a row was not scored. Stable: users match on them in the rejects file and the journal. */
export const REJECT_CODES = {
  'ragged-row': 'the record has more or fewer fields than the header',
  'bad-quote': 'a quote stands inside an unquoted field, or text follows a closing quote',
  'unclosed-quote': 'a quoted field is not closed within the record limit',
  'record-too-long': 'the record is longer than the record limit',
  'invalid-utf8': 'the record holds bytes that are not UTF-8',
  'not-a-number': 'a cell is not a number by the number grammar',
  'not-an-integer': 'a number has a fraction and the model takes an integer',
  'not-a-boolean': 'a cell is not true, false, 0 or 1',
  'out-of-range': 'a number is too large for the type that the model takes',
  'outside-range': 'a number lies outside the range that the contract gives, and its rule says reject',
  'unseen-category': 'a value is none of the categories that the contract gives, and its rule says reject',
  'wrong-type': 'a value is not of the type that the contract gives, and its rule says reject',
  'missing-value': 'a value is missing where the model cannot take a missing value, or the rule of the contract says reject',
  'runtime-error': 'the runtime failed on this row',
  undecided: 'the model gave NaN for a probability, and the class is decided from the probabilities',
} as const;

export type RejectCode = keyof typeof REJECT_CODES;

/**
 * A row that was not scored. Positions are relative to the chunk while in a worker and absolute once committed (`row` counts from 1 after the
 * header, `line` from 1 at the start of the file, `byte` from 0).
 */
export interface RowReject {
  readonly row: number;
  /** null for formats without lines. */
  readonly line: number | null;
  readonly byte: number;
  readonly code: RejectCode;
  /** The column at fault; null where it is the whole record. */
  readonly column: string | null;
  /** What was found and what was expected, without the value itself. */
  readonly message: string;
  /** The offending value; null where it is the whole record. Goes to the rejects file, never to the journal. */
  readonly value: string | null;
  /** The record as it stood in the source: raw bytes as text for CSV, JSON for Arrow. */
  readonly record: string;
}
