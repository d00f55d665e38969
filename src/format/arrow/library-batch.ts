import { makeData, RecordBatch, Struct, type DataType } from 'apache-arrow';
import type { BatchWriter } from './encode.js';
import { asData, buildData, dataOf } from './library.js';
import { MessageWriter } from './message-writer.js';
import { outputSchema } from './output-schema.js';
import type { ArrowEncoderSetup } from './setup.js';

/** Record batches by the library's encoder: kept columns are the library's own Data, results are direct columns. */
export function openLibraryWriter(setup: ArrowEncoderSetup): BatchWriter {
  const schema = outputSchema(setup);
  const type = new Struct(schema.fields);
  const writer = new MessageWriter();
  return {
    build: buildData,
    write(columns, length, into) {
      const kept = setup.kept.length;
      const children = columns.map((column, index) => {
        const field = schema.fields[index];
        return index < kept || field === undefined ? dataOf(column) : asData(field.type as DataType, column);
      });
      return writer.batchMessage(new RecordBatch(schema, makeData({ type, length, nullCount: 0, children })), into);
    },
  };
}
