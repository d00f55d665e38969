// What the number writer is tried on: the places where such writers fail, then patterns by chance.
import { randomOf } from '../fuzz/mutate.mjs';

const F32 = new Float32Array(1);
const U32 = new Uint32Array(F32.buffer);
const F64 = new Float64Array(1);
const W64 = new Uint32Array(F64.buffer);

/**
 * Bit patterns of float32 in all edge classes.
 * @returns {Generator<number>}
 */
export function* edgesOfFloat32() {
  for (let bits = 0; bits < 5000; bits++) yield bits; // the least subnormals
  for (let exponent = 0; exponent < 256; exponent++) {
    for (let bit = 0; bit < 24; bit++) {
      for (const near of [-2, -1, 0, 1, 2]) yield (exponent << 23) + Math.max(0, 2 ** bit + near); // powers of two and their neighbours; infinities and NaN
    }
  }
  for (const value of decimals(-46, 39)) yield* around(value, 1);
  for (let power = -46; power < 39; power++) yield* around(Number(`1e${power}`), 50);
  for (let value = 2 ** 21; value < 2 ** 22; value += 61.25) yield* around(value, 0); // ties between decimals of as many digits
  for (let value = 2 ** 24 - 300; value < 2 ** 24 + 300; value++) yield* around(value, 0);
  for (let value = 1e9 - 6400; value < 1e9 + 6400; value += 64) yield* around(value, 0);
}

/**
 * Doubles in all edge classes.
 * @returns {Generator<number>}
 */
export function* edgesOfFloat64() {
  for (let bits = 0; bits < 5000; bits++) yield doubleOf(0, bits);
  for (let exponent = 0; exponent < 2048; exponent++) {
    for (const low of [0, 1, 2, 0xffffffff]) for (const high of [0, 1, 0xfffff]) yield doubleOf((exponent << 20) | high, low);
  }
  for (const value of decimals(-20, 25)) yield value;
  for (const limit of [1e-6, 1e6, 1e9, 1e12, 1e15, 2 ** 53, 1e21]) {
    for (let near = -40; near <= 40; near++) yield limit * (1 + near * 2 ** -52);
    for (const share of [0.1, 0.001, 1e-9, 1e-10, 0.123456789]) yield* [limit + share, limit - share, limit * share];
  }
}

/** `count` patterns of 32 bits by chance. */
export function* randomFloat32(count, seed) {
  const random = randomOf(seed);
  for (let index = 0; index < count; index++) yield (random() * 2 ** 32) >>> 0;
}

/**
 * `count` doubles: bit patterns by chance, uniform numbers, and decimals of up to 17 digits.
 * @returns {Generator<number>}
 */
export function* randomFloat64(count, seed) {
  const random = randomOf(seed);
  const word = () => (random() * 2 ** 32) >>> 0;
  for (let index = 0; index < count; index++) {
    if (index % 4 === 0) yield doubleOf(word(), word());
    else if (index % 4 === 1) yield word() / 2 ** 32 + word() / 2 ** 64;
    else yield (Math.round(word() / 10 ** Math.floor(random() * 10)) * (random() < 0.5 ? -1 : 1)) / 10 ** Math.floor(random() * 18);
  }
}

function* decimals(from, to) {
  for (let power = from; power < to; power++) for (let digits = 1; digits < 300; digits++) yield Number(`${digits}e${power}`);
}

function* around(value, reach) {
  F32[0] = value;
  const bits = U32[0];
  for (let near = -reach; near <= reach; near++) yield Math.max(0, bits + near);
}

function doubleOf(high, low) {
  W64[0] = low;
  W64[1] = high;
  return F64[0];
}
