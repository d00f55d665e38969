/*
 * Numbers with their units as people write them, on the command line, in the environment and in job files. Undefined is for a text that is none.
 */

const BYTES = {
  '': 1,
  B: 1,
  K: 1024,
  KB: 1024,
  KIB: 1024,
  M: 1024 ** 2,
  MB: 1024 ** 2,
  MIB: 1024 ** 2,
  G: 1024 ** 3,
  GB: 1024 ** 3,
  GIB: 1024 ** 3,
} as const;

/** Units of time, in milliseconds. */
export const MILLISECONDS = { MS: 1, S: 1000, M: 60_000, H: 3_600_000, D: 86_400_000 } as const;

/** `64KB`, `8MB`, or bytes; KB is 1,024 bytes. */
export function bytesOf(text: string): number | undefined {
  return scaled(text, BYTES);
}

/** `200ms`, `20m`, `26h` in milliseconds; with `bareMs` also a bare number, of milliseconds. */
export function millisecondsOf(text: string, bareMs = false): number | undefined {
  return scaled(text, bareMs ? { '': 1, ...MILLISECONDS } : MILLISECONDS);
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d*\.?\d+) ?([a-z]*)$/i.exec(text);
  const unit = (match?.[2] ?? '').toUpperCase();
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}
