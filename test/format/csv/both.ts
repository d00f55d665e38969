import { expect } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { Layout } from '#src/batch/layout.js';
import { openCsvDecoder } from '#src/format/csv/decode.js';
import type { CsvDecoderSetup } from '#src/format/csv/setup.js';
import type { Chunk, Decoder } from '#src/format/format.js';

/** Opens the decoder that a run would have, which reads every chunk a second time by csv-parse and compares all that a batch holds. */
export async function openBothDecoders(setup: CsvDecoderSetup, layout: Layout): Promise<Decoder> {
  const [decoder, slow] = [await openCsvDecoder(setup, layout), await openCsvDecoder({ ...setup, decoder: 'text' }, layout)];
  expect(slow.declines).toBe(true);
  const slowBatch = new Batch(layout);
  return {
    declines: decoder.declines,
    setContext: (context) => decoder.setContext(context),
    locate: (record) => decoder.locate(record),
    decode(chunk, batch, most) {
      decoder.decode(chunk, batch, most);
      slow.decode(chunk, slowBatch, most);
      expect(contents(batch, decoder, chunk)).toEqual(contents(slowBatch, slow, chunk));
    },
  };
}

function contents(batch: Batch, decoder: Decoder, chunk: Chunk) {
  const { records, rows, lines, rejects } = batch;
  const all = Array.from({ length: records }, (_, record) => record);
  return {
    ...{ records, rows, lines, rejects },
    slots: [...batch.slots.subarray(0, records)],
    missing: [...batch.missing],
    // Bit for bit: a plain comparison takes all NaNs for one, and toEqual tells 0 from -0.
    values: batch.tensors.map(({ values, width }) => Array.from(values.slice(0, rows * width) as ArrayLike<unknown>)),
    kept: batch.kept.map((column) => all.map((record) => column.text(record))),
    raw: batch.kept.map(({ native }) =>
      all.map((record) =>
        native.format === 'csv' ? Buffer.from(chunk.bytes.subarray(native.from[record], native.to[record])).toString('latin1') : null,
      ),
    ),
    places: all.map((record) => decoder.locate(record)),
  };
}
