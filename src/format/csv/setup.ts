import type { KeptField } from '../../batch/layout.js';
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
  /** Longest record, in bytes; default 1 MiB. */
  readonly recordLimitBytes?: number;
  /** A last record without a newline is fine (always so for files; stdin only if asked for). */
  readonly allowUnterminated?: boolean;
}

export interface CsvDecoderSetup {
  readonly format: 'csv';
  readonly dialect: CsvDialect;
  /** Number of fields that a record must have. */
  readonly columns: number;
  readonly recordLimitBytes: number;
  readonly nullValues: readonly string[] | undefined;
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
