import type { ElementArray, ElementType } from './element.js';
import { float16Value } from './float16.js';
import { FLOAT32_BYTES, writeFloat32 } from './float32-bytes.js';
import { float64Text } from './float64-bytes.js';

const SCRATCH = Buffer.alloc(FLOAT32_BYTES);

/**
 * The text of a value as it is written to CSV: floats as the shortest text that reads back to the same float32 or float64, `NaN`, `inf`,
 * `-inf`; bools as true and false. Many values are quicker written as bytes: float32-bytes.ts, float64-bytes.ts, digits.ts.
 */
export function textWriter(type: ElementType): (values: ElementArray, index: number) => string {
  switch (type) {
    case 'string':
      return (values, index) => values[index] as string;
    case 'bool':
      return (values, index) => (values[index] === 0 ? 'false' : 'true');
    case 'float32':
      return (values, index) => float32Text(values[index] as number);
    case 'float64':
      return (values, index) => float64Text(values[index] as number);
    case 'float16':
      return (values, index) => float32Text(float16Value(values[index] as number));
    default:
      return (values, index) => String(values[index]);
  }
}

/** Shortest decimal text that reads back to the same float32, in the notation of Number.prototype.toString. `value` must be a float32. */
export function float32Text(value: number): string {
  return SCRATCH.toString('latin1', 0, writeFloat32(value, SCRATCH, 0));
}

export { float64Text };
