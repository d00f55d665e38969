import { REJECTED, type Batch, type KeptColumn } from '../../batch/batch.js';
import type { ResultColumn } from '../../batch/result.js';
import { textWriter } from '../../batch/text.js';
import type { Assembler, EncodedChunk, Encoder } from '../format.js';
import { ByteWriter } from './byte-writer.js';
import { resolveDialect } from './dialect.js';
import { neverQuoted, openQuoter, type Quoter } from './quote.js';
import type { CsvDialect, CsvEncoderSetup } from './setup.js';

const LF = 10;
/** What numbers and bools are written with. */
const NUMBER_ALPHABET = /[\w.+-]/;

/** Writes the cell of one record. */
type CellWriter = (record: number, out: ByteWriter) => void;

/**
 * Encodes batches as CSV lines, in input order: kept cells first (byte for byte where the dialect is the source's), then results. UTF-8, LF.
 * Throws UsageError (`cannot-quote`) where a value cannot be written in a dialect without quotes.
 */
export function openCsvEncoder(setup: CsvEncoderSetup): Encoder {
  const dialect = resolveDialect(setup.dialect);
  const quote = openQuoter(dialect);
  const delimiter = dialect.delimiter.charCodeAt(0);
  const endLine = lineEnder(dialect);
  return {
    encode(batch, results, into): EncodedChunk {
      const out = new ByteWriter(into);
      const cells = [
        ...batch.kept.map((column) => keptWriter(column, setup.copyRaw, quote)),
        ...results.map((column) => resultWriter(column, batch, dialect, quote)),
      ];
      let rows = 0;
      for (let record = 0; record < batch.records; record++) {
        if (batch.slots[record] === REJECTED && setup.rejectedRows === 'drop') continue;
        const lineStart = out.length;
        for (let cell = 0; cell < cells.length; cell++) {
          if (cell > 0) out.byte(delimiter);
          cells[cell]?.(record, out);
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
  };
}

function keptWriter(column: KeptColumn, copyRaw: boolean, quote: Quoter): CellWriter {
  const { native } = column;
  if (copyRaw && native.format === 'csv') {
    const { bytes, from, to } = native;
    return (record, out) => out.copy(bytes, from[record] ?? 0, to[record] ?? 0);
  }
  return (record, out) => out.text(quote(column.text(record) ?? ''));
}

/** A rejected record's results are empty. */
function resultWriter({ field, values }: ResultColumn, batch: Batch, dialect: CsvDialect, quote: Quoter): CellWriter {
  const write = textWriter(field.type);
  const plain = field.type !== 'string' && neverQuoted(dialect, NUMBER_ALPHABET);
  return (record, out) => {
    const row = batch.slots[record] ?? REJECTED;
    if (row === REJECTED) return;
    const text = write(values, row);
    out.text(plain ? text : quote(text));
  };
}

/** Ends a line; an empty cell of a one-column file is written as a pair of quotes, as a blank line is no record to most readers. */
function lineEnder({ quote }: CsvDialect): (out: ByteWriter, lineStart: number) => void {
  const pair = quote + quote;
  return (out, lineStart) => {
    if (out.length === lineStart) out.text(pair);
    out.byte(LF);
  };
}
