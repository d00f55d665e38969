import {
  Bool,
  DataType,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Schema,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from 'apache-arrow';
import type { ElementType } from '../../batch/element.js';
import { loadSchema } from './library.js';
import type { ArrowEncoderSetup } from './setup.js';
import { OpenedSchema } from './source-schema.js';

/**
 * The schema of the output, the same in every worker and on the main thread: kept columns with the type, nullability and metadata that they have in
 * the source (utf8 where that has no types), then the results, which may be null. The source's own metadata is left behind: it
 * describes another table (pandas keeps the list of columns in it).
 */
export function outputSchema(setup: ArrowEncoderSetup): Schema {
  const opened = setup.sourceSchema === undefined ? undefined : new OpenedSchema(setup.sourceSchema);
  const source = opened === undefined ? undefined : loadSchema(opened.library);
  const kept = setup.kept.map(({ name, column }) => {
    const field = opened === undefined ? undefined : source?.fields[opened.placeOf(column)];
    return field === undefined ? new Field(name, new Utf8(), true) : withNamedItems(field).clone({ name });
  });
  return new Schema([...kept, ...setup.results.map(({ name, type }) => new Field(name, resultType(type), true))]);
}

/** The library leaves out a name that is empty, and Polars takes no field without one: the items of a list are then called what the format calls them. */
function withNamedItems(field: Field): Field {
  const type: DataType = field.type as DataType;
  if (!DataType.isList(type) && !DataType.isFixedSizeList(type)) return field;
  const child: Field | undefined = type.children[0];
  if (child === undefined) return field;
  const item = withNamedItems(child.name === '' ? child.clone({ name: 'item' }) : child);
  return field.clone({ type: DataType.isList(type) ? new List(item) : new FixedSizeList(type.listSize, item) });
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
