import type { Codec } from './codec.js';
import { decodeLz4Frame, encodeLz4Frame, openLz4Frame } from './lz4-frame.js';

/** LZ4 in frames, what Feather writes by default. */
export const LZ4: Codec = {
  name: 'lz4',
  open(bytes) {
    const frame = openLz4Frame(bytes);
    return { atMost: frame.atMost, decodeInto: (into) => decodeLz4Frame(frame, into) };
  },
  encode: encodeLz4Frame,
};
