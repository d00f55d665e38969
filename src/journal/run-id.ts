import { DefectError } from '../errors/errors.js';

/**
 * A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits, so that run ids sort by time.
 *
 * @param unixMs time in milliseconds since 1970.
 * @param random at least 10 random bytes.
 */
export function runId(unixMs: number, random: Uint8Array): string {
  if (!Number.isInteger(unixMs) || unixMs < 0 || unixMs >= 2 ** 48 || random.length < 10) {
    throw new DefectError(`a run id needs whole milliseconds and 10 random bytes, found ${unixMs} and ${random.length}`);
  }
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(unixMs, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** When the run of this id began, in milliseconds since 1970. */
export function runTime(id: string): number {
  return parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
