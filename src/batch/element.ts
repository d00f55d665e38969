/** Element types of tensors and columns, by ONNX's and Arrow's common names. `float16` is held as raw 16-bit patterns. */
export type ElementType =
  | 'float16' | 'float32' | 'float64'
  | 'int8' | 'int16' | 'int32' | 'int64'
  | 'uint8' | 'uint16' | 'uint32' | 'uint64'
  | 'bool' | 'string'; // prettier-ignore

/** Values of one element type. `bool` is one byte a value, 0 or 1. */
export type ElementArray =
  | Float32Array | Float64Array
  | Int8Array | Int16Array | Int32Array | BigInt64Array
  | Uint8Array | Uint16Array | Uint32Array | BigUint64Array
  | string[]; // prettier-ignore

/** A new array of `length` zeros, false or empty strings. */
export function allocate(type: ElementType, length: number): ElementArray {
  switch (type) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(length);
    case 'uint16':
    case 'float16':
      return new Uint16Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'uint64':
      return new BigUint64Array(length);
    case 'string':
      return new Array<string>(length).fill('');
  }
}

/** Smallest and largest value of an integer type, inclusive. */
export const INTEGER_RANGE: Readonly<Partial<Record<ElementType, readonly [bigint, bigint]>>> = {
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  int32: [-2147483648n, 2147483647n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 255n],
  uint16: [0n, 65535n],
  uint32: [0n, 4294967295n],
  uint64: [0n, 2n ** 64n - 1n],
};

export function isFloat(type: ElementType): boolean {
  return type === 'float16' || type === 'float32' || type === 'float64';
}

export function isInteger(type: ElementType): boolean {
  return INTEGER_RANGE[type] !== undefined;
}
