import type { KeptField } from '../../batch/layout.js';
import type { Decimal } from '../../batch/number.js';
import type { ResultField } from '../../batch/result.js';

/** How a CSV text is written. Single bytes, as ASCII characters. */
export interface CsvDialect {
  readonly delimiter: string;
  /** '' for none. */
  readonly quote: string;
  /** Same as quote: a doubled quote. */
  readonly escape: string;
}

export const PLAIN_DIALECT: CsvDialect = { delimiter: ',', quote: '"', escape: '"' };

/** What users may say of a CSV input. */
export interface CsvInputOptions extends Partial<CsvDialect> {
  /** False: the first record is data, and `columns` names the columns. */
  readonly header?: boolean;
  readonly columns?: readonly string[];
  /** What the text is in, by a label that TextDecoder knows; default: what its byte order mark says, else UTF-8. */
  readonly encoding?: string;
  /** Lines of a preamble, before the header or the first record. */
  readonly skipLines?: number;
  /** Records of another width than the header's: rejected (the default), or filled up with missing values and cut where nothing stands behind. */
  readonly ragged?: 'reject' | 'fill';
  /** Take off the blanks around unquoted values and names. Kept cells stay as they are. */
  readonly trim?: boolean;
  /** Numbers have a decimal comma, and a point makes them none. */
  readonly decimalComma?: boolean;
  /** Longest record, in bytes of UTF-8; default 1 MiB. */
  readonly recordLimitBytes?: number;
  /** A last record without a newline is fine (always so for files; stdin only if asked for). */
  readonly allowUnterminated?: boolean;
  /** Who reads the cells; default: the bytes themselves where the dialect allows it, else csv-parse. No choice changes a result: `text` is there to show that. */
  readonly decoder?: CsvDecoderKind;
}

/** `bytes`: the byte decoder, in every dialect that it takes (see readsBytes); `text`: csv-parse makes a text of each cell. */
export type CsvDecoderKind = 'bytes' | 'text';

export interface CsvDecoderSetup {
  readonly format: 'csv';
  readonly dialect: CsvDialect;
  /** Number of fields that a record must have. */
  readonly columns: number;
  readonly recordLimitBytes: number;
  readonly nullValues: readonly string[] | undefined;
  readonly ragged?: 'reject' | 'fill';
  readonly trim?: boolean;
  /** Default: a point. */
  readonly decimal?: Decimal;
  /** Default: `bytes` where it can. */
  readonly decoder?: CsvDecoderKind;
}

export interface CsvEncoderSetup {
  readonly format: 'csv';
  readonly dialect: CsvDialect;
  /** Copy raw bytes of kept cells: the source is CSV of the same dialect. */
  readonly copyRaw: boolean;
  readonly kept: readonly KeptField[];
  readonly results: readonly ResultField[];
  readonly rejectedRows: 'drop' | 'blank';
}
