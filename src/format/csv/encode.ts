import { REJECTED } from '../../batch/batch.js';
import type { Assembler, EncodedChunk, Encoder } from '../format.js';
import { ByteWriter } from './byte-writer.js';
import { resolveDialect } from './dialect.js';
import { openKeptCells } from './kept-cells.js';
import { openQuoter } from './quote.js';
import { openResultCells } from './result-cells.js';
import type { CsvDialect, CsvEncoderSetup } from './setup.js';

const LF = 10;

/**
 * Encodes batches as CSV lines, in input order: kept cells first (byte for byte where the dialect is the source's), then results; those of a rejected
 * record are empty. UTF-8, LF. Throws UsageError (`cannot-quote`) where a value cannot be written in a dialect without quotes.
 */
export function openCsvEncoder(setup: CsvEncoderSetup): Encoder {
  const dialect = resolveDialect(setup.dialect);
  const quote = openQuoter(dialect);
  const delimiter = dialect.delimiter.charCodeAt(0);
  const endLine = lineEnder(dialect);
  const cells = setup.results.map(({ type }) => openResultCells(type, dialect, quote));
  // Room that is made once a row: for numbers, a delimiter before each cell, and the end of the line.
  const rowBytes = cells.reduce((sum, { cellBytes }) => sum + 1 + cellBytes, 4);
  return {
    encode({ kept, records, slots }, results, into): EncodedChunk {
      const out = new ByteWriter(into, rowBytes);
      const keptCells = openKeptCells(kept, setup.copyRaw, delimiter, quote);
      cells.forEach((column, index) => column.begin(results[index]?.values ?? []));
      let rows = 0;
      for (let record = 0; record < records; record++) {
        const row = slots[record] as number;
        if (row === REJECTED && setup.rejectedRows === 'drop') continue;
        out.room(0);
        const lineStart = out.at;
        keptCells.write(record, out);
        for (let cell = 0; cell < cells.length; cell++) {
          if (cell > 0 || kept.length > 0) out.bytes[out.at++] = delimiter;
          if (row !== REJECTED) cells[cell]?.write(row, out);
        }
        endLine(out, lineStart);
        rows++;
      }
      return { bytes: out.take(), rows };
    },
  };
}

/** Puts encoded chunks behind a header line. */
export function openCsvAssembler(setup: CsvEncoderSetup): Assembler {
  const dialect = resolveDialect(setup.dialect);
  return {
    head() {
      const quote = openQuoter(dialect);
      const out = new ByteWriter();
      for (const [at, { name }] of [...setup.kept, ...setup.results].entries()) {
        if (at > 0) out.text(dialect.delimiter);
        out.text(quote(name));
      }
      lineEnder(dialect)(out, 0);
      return out.take();
    },
    place: (encoded) => [encoded.bytes],
    tail: () => new Uint8Array(0),
    // Lines need nothing but each other.
    snapshot: () => [],
    goOn: () => Promise.resolve(),
    pass: () => undefined,
  };
}

/** Ends a line; an empty cell of a one-column file is written as a pair of quotes, as a blank line is no record to most readers. */
function lineEnder({ quote }: CsvDialect): (out: ByteWriter, lineStart: number) => void {
  const pair = quote + quote;
  return (out, lineStart) => {
    if (out.at === lineStart) out.text(pair);
    out.byte(LF);
  };
}
