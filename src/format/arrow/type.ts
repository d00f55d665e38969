/** Units of time, with the number of decimals that they add to seconds. */
export const TIME_UNITS = [
  { name: 's', digits: 0 },
  { name: 'ms', digits: 3 },
  { name: 'us', digits: 6 },
  { name: 'ns', digits: 9 },
] as const;

export type TimeUnit = (typeof TIME_UNITS)[number];
export type IntType = { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean };

/** An Arrow type as plain data: what text, checks and gathering branch on. The library has its own classes for the same. */
export type ArrowType =
  | { readonly kind: 'null' | 'bool' }
  | IntType
  | { readonly kind: 'float'; readonly bits: 16 | 32 | 64 }
  | { readonly kind: 'utf8' | 'binary'; readonly large: boolean }
  | { readonly kind: 'utf8-view' | 'binary-view' }
  | { readonly kind: 'fixed-binary'; readonly bytes: number }
  | { readonly kind: 'decimal'; readonly bits: 32 | 64 | 128 | 256; readonly precision: number; readonly scale: number }
  | { readonly kind: 'date'; readonly bits: 32 | 64 }
  | { readonly kind: 'time'; readonly bits: 32 | 64; readonly unit: TimeUnit }
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly zone: string | undefined }
  | { readonly kind: 'duration'; readonly unit: TimeUnit }
  | { readonly kind: 'interval'; readonly unit: 'year_month' | 'day_time' | 'month_day_nano' }
  | { readonly kind: 'list' | 'map'; readonly large: boolean; readonly child: ArrowField }
  | { readonly kind: 'fixed-list'; readonly size: number; readonly child: ArrowField }
  | { readonly kind: 'struct'; readonly fields: readonly ArrowField[] }
  | { readonly kind: 'union'; readonly dense: boolean; readonly ids: readonly number[]; readonly fields: readonly ArrowField[] }
  | { readonly kind: 'dictionary'; readonly id: number; readonly index: IntType; readonly values: ArrowType }
  | UnreadableType;

/** A type that the library cannot read: its columns are passed over, so how many buffers it takes for itself must be known. */
export interface UnreadableType {
  readonly kind: 'unreadable';
  readonly name: string;
  readonly buffers: number;
  readonly fields: readonly ArrowField[];
}

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
}

/** What stands behind the text of a type that the library cannot read. */
export const UNREADABLE_MARK = ' (not readable)';

/** The type as users read it: `int64`, `timestamp[us, UTC]`, `dictionary<utf8>`, `list<float32>`. */
export function typeText(type: ArrowType): string {
  return isUnreadable(type) ? `${plainText(type)}${UNREADABLE_MARK}` : plainText(type);
}

function plainText(type: ArrowType): string {
  switch (type.kind) {
    case 'null':
    case 'bool':
      return type.kind;
    case 'int':
      return `${type.signed ? '' : 'u'}int${type.bits}`;
    case 'float':
      return `float${type.bits}`;
    case 'utf8':
    case 'binary':
      return `${type.large ? 'large_' : ''}${type.kind}`;
    case 'utf8-view':
    case 'binary-view':
      return type.kind.replace('-', '_');
    case 'fixed-binary':
      return `fixed_size_binary[${type.bytes}]`;
    case 'decimal':
      return `decimal${type.bits}(${type.precision}, ${type.scale})`;
    case 'date':
      return `date${type.bits}`;
    case 'time':
      return `time${type.bits}[${type.unit.name}]`;
    case 'timestamp':
      return `timestamp[${type.unit.name}${type.zone === undefined ? '' : `, ${type.zone}`}]`;
    case 'duration':
      return `duration[${type.unit.name}]`;
    case 'interval':
      return `interval[${type.unit}]`;
    case 'list':
      return `${type.large ? 'large_' : ''}list<${plainText(type.child.type)}>`;
    case 'map':
      return `map<${type.child.type.kind === 'struct' ? type.child.type.fields.map((field) => plainText(field.type)).join(', ') : '?'}>`;
    case 'fixed-list':
      return `fixed_size_list<${plainText(type.child.type)}>[${type.size}]`;
    case 'struct':
      return `struct<${fieldsText(type.fields)}>`;
    case 'union':
      return `${type.dense ? 'dense' : 'sparse'}_union<${fieldsText(type.fields)}>`;
    case 'dictionary':
      return `dictionary<${plainText(type.values)}>`;
    case 'unreadable':
      return `${type.name}<${type.fields.map((field) => plainText(field.type)).join(', ')}>`;
  }
}

function fieldsText(fields: readonly ArrowField[]): string {
  return fields.map((field) => `${field.name}: ${plainText(field.type)}`).join(', ');
}

/** The types directly inside a type, in the order of its children; a dictionary's values are not among them. */
export function childTypes(type: ArrowType): readonly ArrowType[] {
  switch (type.kind) {
    case 'list':
    case 'map':
    case 'fixed-list':
      return [type.child.type];
    case 'struct':
    case 'union':
    case 'unreadable':
      return type.fields.map((field) => field.type);
    default:
      return [];
  }
}

/** Every dictionary that a column of this type needs, inner ones first. */
export function dictionariesOf(type: ArrowType): readonly (ArrowType & { kind: 'dictionary' })[] {
  if (type.kind === 'dictionary') return [...dictionariesOf(type.values), type];
  return childTypes(type).flatMap(dictionariesOf);
}

/** Is there a type in it, however deep, that the library cannot read? */
export function isUnreadable(type: ArrowType): boolean {
  if (type.kind === 'dictionary') return isUnreadable(type.values);
  return type.kind === 'unreadable' || childTypes(type).some(isUnreadable);
}

/** Bits of one value, for types that have one width. */
export function bitsOf(type: ArrowType): number | undefined {
  switch (type.kind) {
    case 'bool':
      return 1;
    case 'int':
    case 'float':
    case 'decimal':
    case 'date':
    case 'time':
      return type.bits;
    case 'timestamp':
    case 'duration':
      return 64;
    case 'interval':
      return type.unit === 'year_month' ? 32 : type.unit === 'day_time' ? 64 : 128;
    case 'fixed-binary':
      return 8 * type.bytes;
    case 'utf8-view':
    case 'binary-view':
      return 128;
    case 'dictionary':
      return type.index.bits;
    default:
      return undefined;
  }
}
