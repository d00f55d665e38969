// The judge of the number writer. It holds a text to the definition of shortest text, and shares nothing with the code that wrote it: V8 reads the text back,
// Math.fround makes it a float32, toPrecision gives its rivals, and BigInt decides by exact arithmetic where a text is as near to the end of a float's interval
// as a double can tell.

const F32 = new Float32Array(1);
const U32 = new Uint32Array(F32.buffer);

/** What is wrong with the text of a float32; undefined for a right one. */
export function judgeFloat32(value, text) {
  return judge(value, text, readsAsFloat32);
}

/** What is wrong with the text of a double. */
export function judgeFloat64(value, text) {
  const complaint = judge(value, text, (read, double) => Number(read) === double);
  // V8 has a shortest text of its own, found another way (Grisu and bignums).
  return complaint ?? (Number.isFinite(value) && value !== 0 && text !== String(value) ? `V8 writes ${String(value)}` : undefined);
}

function judge(value, text, readsAs) {
  const special = specialText(value);
  if (special !== undefined) return text === special ? undefined : `expected ${special}`;
  if (!Object.is(Math.sign(Number(text)), Math.sign(value))) return 'another sign';
  const size = Math.abs(value);
  const plain = value < 0 ? text.slice(1) : text;
  // So few digits are their own shortest text, so V8 writes them in the notation that is asked for.
  if (plain !== String(Number(plain))) return `another notation than ${String(Number(plain))}`;
  if (!readsAs(plain, size)) return 'reads back to another value';
  const { digits } = decimal(plain);
  const shorter = digits.length === 1 ? [] : neighbours(size, digits.length - 1);
  for (const rival of shorter) if (readsAs(rival, size)) return `${String(Number(rival))} is shorter`;
  const nearest = size.toPrecision(digits.length);
  if (Number(nearest) === Number(plain) || !readsAs(nearest, size)) return undefined;
  return `${nearest} is as short, and nearer`;
}

function specialText(value) {
  if (Number.isNaN(value)) return 'NaN';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return Number.isFinite(value) ? undefined : value > 0 ? 'inf' : '-inf';
}

/** The decimals of so many digits next to a value, below and above. */
function neighbours(size, digits) {
  const nearest = size.toPrecision(digits);
  const { digits: found, exponent } = decimal(nearest);
  const number = Number(found.padEnd(digits, '0'));
  const scale = exponent - (digits - found.length);
  return [nearest, `${number - 1}e${scale}`, `${number + 1}e${scale}`];
}

/** Digits without zeros at either end, as an integer times 10^exponent. */
function decimal(text) {
  const [mantissa, exponent = '0'] = text.split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return { digits: kept, exponent: Number(exponent) - fraction.length + digits.length - kept.length };
}

/** Does a text read as this positive float32, by way of a double, and directly? */
function readsAsFloat32(text, size) {
  const double = Number(text);
  if (Math.fround(double) !== size) return false;
  const [low, high] = ends(size);
  if (low < double && double < high) return true; // rounding keeps order: the text lies between them, too
  const at = double === low ? low : high;
  F32[0] = size;
  return double !== at ? false : compare(text, at) === 0 ? (U32[0] & 1) === 0 : compare(text, at) > 0 === (at === low);
}

/** Halfway to the neighbours of a positive float32: exact as doubles. */
function ends(size) {
  F32[0] = size;
  const bits = U32[0];
  U32[0] = bits - 1;
  const below = F32[0];
  U32[0] = bits + 1;
  const above = F32[0];
  return [(below + size) / 2, above === Infinity ? size + (size - below) / 2 : (above + size) / 2];
}

/** The sign of text - double, exactly. Both are positive. */
function compare(text, double) {
  const { digits, exponent } = decimal(text);
  let binary = 0;
  let mantissa = double;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    binary++;
  }
  const left = BigInt(digits) * 10n ** BigInt(Math.max(exponent, 0)) * 2n ** BigInt(binary);
  const right = BigInt(mantissa) * 10n ** BigInt(Math.max(-exponent, 0));
  return left < right ? -1 : left > right ? 1 : 0;
}
