import type { ElementArray, ElementType } from './element.js';
import { float16Value } from './float16.js';

/**
 * The text of a value as it is written to CSV: floats as the shortest text that reads back to the same float32 or float64, `NaN`, `inf`,
 * `-inf`; bools as true and false.
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

/** Shortest decimal text that reads back to the same double. */
export function float64Text(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
}

/** Shortest decimal text that reads back to the same float32, in the notation of Number.prototype.toString. `value` must be a float32. */
export function float32Text(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value))
    return Math.abs(value) < 2 ** 24 || !Number.isFinite(value) ? float64Text(value) : shortest(value);
  return shortest(value);
}

/** Nine significant digits always suffice; six nearly always do not go lower, so the search starts there and first checks fewer. */
function shortest(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}
