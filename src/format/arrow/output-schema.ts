import {
  Bool,
  Field,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  Schema,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  type DataType,
} from 'apache-arrow';
import type { ElementType } from '../../batch/element.js';
import { corrupt } from './faults.js';
import { loadSchema } from './library.js';
import type { ArrowEncoderSetup } from './setup.js';

/**
 * The schema of the output, the same in every worker and on the main thread: kept columns with the type, nullability and metadata that they have in
 * the source (utf8 where that has no types), then the results, which may be null. The source's own metadata is left behind: it
 * describes another table (pandas keeps the list of columns in it).
 */
export function outputSchema(setup: ArrowEncoderSetup): Schema {
  const source = setup.sourceSchema === undefined ? undefined : loadSchema(setup.sourceSchema);
  const kept = setup.kept.map(({ name, column }) => {
    if (source === undefined) return new Field(name, new Utf8(), true);
    const field = source.fields[column];
    if (field === undefined) throw corrupt({ byte: 0 }, `no column ${column + 1} in a schema of ${source.fields.length}`);
    return field.clone({ name });
  });
  return new Schema([...kept, ...setup.results.map(({ name, type }) => new Field(name, resultType(type), true))]);
}

/** The Arrow type of a result. */
export function resultType(type: ElementType): DataType {
  switch (type) {
    case 'float16':
      return new Float16();
    case 'float32':
      return new Float32();
    case 'float64':
      return new Float64();
    case 'int8':
      return new Int8();
    case 'int16':
      return new Int16();
    case 'int32':
      return new Int32();
    case 'int64':
      return new Int64();
    case 'uint8':
      return new Uint8();
    case 'uint16':
      return new Uint16();
    case 'uint32':
      return new Uint32();
    case 'uint64':
      return new Uint64();
    case 'bool':
      return new Bool();
    case 'string':
      return new Utf8();
  }
}
