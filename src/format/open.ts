import type { Layout } from '../batch/layout.js';
import type { CsvInputOptions } from './csv/setup.js';
import type { Assembler, Decoder, DecoderSetup, Encoder, EncoderSetup, FormatName, Splitter } from './format.js';
import type { ByteSource } from './source.js';

export interface SplitterOptions {
  readonly csv: CsvInputOptions;
  readonly nullValues: readonly string[] | undefined;
  readonly chunkBytes: (columns: number) => number;
  /** Rows of one call of the model, as far as that is known before its columns are. */
  readonly blockRows: number;
  /** Rows that have come in do not wait longer than this for more of them; undefined: for as long as it takes. */
  readonly flushMs?: number | undefined;
}

// Each format is loaded when it is chosen: Arrow's library is no part of a CSV run's start.

export async function openSplitter(format: FormatName, source: ByteSource, options: SplitterOptions): Promise<Splitter> {
  if (format === 'csv') return (await import('./csv/split.js')).openCsvSplitter(source, options);
  // A record batch of a stream does not wait for others to be joined with it.
  const join = options.flushMs === undefined || !source.isPipe;
  return (await import('./arrow/split.js')).openArrowSplitter(source, format, options.chunkBytes(0), { ...options, join });
}

export async function openDecoder(setup: DecoderSetup, layout: Layout): Promise<Decoder> {
  if (setup.format === 'csv') return (await import('./csv/decode.js')).openCsvDecoder(setup, layout);
  return (await import('./arrow/decode.js')).openArrowDecoder(setup, layout);
}

export async function openEncoder(setup: EncoderSetup): Promise<Encoder> {
  if (setup.format === 'csv') return (await import('./csv/encode.js')).openCsvEncoder(setup);
  return (await import('./arrow/encode.js')).openArrowEncoder(setup);
}

export async function openAssembler(setup: EncoderSetup): Promise<Assembler> {
  if (setup.format === 'csv') return (await import('./csv/encode.js')).openCsvAssembler(setup);
  return (await import('./arrow/encode.js')).openArrowAssembler(setup);
}
