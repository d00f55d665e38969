/**
 * A hash of 53 bits of a text's UTF-16 units: two lanes of 32 bits, multiplied and rotated as in MurmurHash3, each finished with its `fmix32`. The same on every machine;
 * not meant to withstand who chooses the texts.
 */
export function textHash(text: string): number {
  let [a, b] = [0x243f6a88, 0x85a308d3];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(rotate(a ^ Math.imul(unit, 0xcc9e2d51), 13), 5) + 0xe6546b64;
    b = Math.imul(rotate(b ^ Math.imul(unit, 0x1b873593), 17), 9) + 0x38b34ae5;
  }
  const [high, low] = [finish(a ^ text.length ^ b), finish(Math.imul(b, 0x85ebca6b) ^ a)];
  return high * 2 ** 21 + (low >>> 11);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finish(hash: number): number {
  let word = hash;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
