import type { NumberSpec } from '#src/profile/spec.js';

export function numberSpec({ bits, cells }: { readonly bits: number; readonly cells: number }): NumberSpec {
  return { kind: 'number', bits, cells };
}
