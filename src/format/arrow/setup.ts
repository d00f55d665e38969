import type { KeptField } from '../../batch/layout.js';
import type { ResultField } from '../../batch/result.js';

export interface ArrowDecoderSetup {
  readonly format: 'arrow';
  /** The encapsulated schema message of the source. */
  readonly schema: Uint8Array;
  readonly nullValues: readonly string[] | undefined;
}

export interface ArrowEncoderSetup {
  readonly format: 'arrow';
  readonly container: 'file' | 'stream';
  /** The encapsulated schema message of the source, for the types of kept columns; absent where the source is CSV (they become utf8). */
  readonly sourceSchema?: Uint8Array;
  readonly kept: readonly KeptField[];
  readonly results: readonly ResultField[];
  readonly rejectedRows: 'drop' | 'blank';
}
