/** Codecs of Arrow's record batches, as users name them, in the order of the format's numbers for them. */
export const CODEC_NAMES = ['lz4', 'zstd'] as const;

export type CodecName = (typeof CODEC_NAMES)[number];

/** Compressed bytes whose frames have been followed to their end, and nothing decoded yet. */
export interface Compressed {
  /** Most bytes that they can give: nothing longer need be allocated. */
  readonly atMost: number;
  /** Decodes them into exactly `into`; checks the checksums that they carry. Throws RangeError. */
  decodeInto(into: Uint8Array): void;
}

/** One way to compress. Holds no state. */
export interface Codec {
  readonly name: CodecName;
  /** Throws RangeError for what is cut, damaged in its headers, or followed by anything but zeros. */
  open(bytes: Uint8Array): Compressed;
  encode(bytes: Uint8Array): Uint8Array;
}

/** Loads a codec; called when a file needs it, so that all others start without. */
export async function loadCodec(name: CodecName): Promise<Codec> {
  if (name === 'lz4') return (await import('./lz4.js')).LZ4;
  return (await import('./zstd.js')).openZstd();
}
