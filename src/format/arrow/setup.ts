import type { KeptField } from '../../batch/layout.js';
import type { ResultField } from '../../batch/result.js';
import type { CodecName } from './codec/codec.js';

export interface ArrowDecoderSetup {
  readonly format: 'arrow';
  /** The encapsulated schema message of the source. */
  readonly schema: Uint8Array;
  readonly nullValues: readonly string[] | undefined;
  /** What the record batches that reach a worker may be compressed with. */
  readonly codec?: CodecName;
  /** All dictionaries come with the first record batch, and none changes: a file that is read by its footer. Absent is false. */
  readonly allDictionaries?: boolean;
}

export interface ArrowEncoderSetup {
  readonly format: 'arrow';
  readonly container: 'file' | 'stream';
  /** The encapsulated schema message of the source, for the types of kept columns; absent where the source is CSV (they become utf8). */
  readonly sourceSchema?: Uint8Array;
  /** As in the decoder's setup. */
  readonly allDictionaries?: boolean;
  readonly kept: readonly KeptField[];
  readonly results: readonly ResultField[];
  readonly rejectedRows: 'drop' | 'blank';
  /** What record batches and dictionaries are compressed with. */
  readonly compression?: CodecName;
}
