const MAGIC = 0xfd2fb528;
/** Frames that hold none of the content start with one of 16 magic numbers. */
const SKIPPABLE = 0x184d2a50;
/** Longest content of one block. */
const BLOCK_BYTES = 2 ** 17;

/** A zstd frame as its headers describe it. */
export interface ZstdFrame {
  readonly bytes: Uint8Array;
  /** Most bytes that it can give. */
  readonly atMost: number;
  readonly contentBytes: number | undefined;
}

/**
 * Cuts bytes into zstd frames by their headers alone (RFC 8878, 3.1.1); decodes nothing. Decoders differ in whether they take a frame that is cut, and
 * some allocate what its header claims: behind this neither matters. Only zeros may follow. Throws RangeError.
 */
export function openZstdFrames(bytes: Uint8Array): readonly ZstdFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: ZstdFrame[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const magic = view.getUint32(at, true);
    if (magic === MAGIC) {
      const { end, ...frame } = measure(view, at + 4);
      frames.push({ ...frame, bytes: bytes.subarray(at, end) });
      at = end;
    } else if ((magic & ~15) >>> 0 === SKIPPABLE) {
      at += 8 + view.getUint32(at + 4, true);
    } else {
      break;
    }
  }
  if (frames.length === 0) throw new RangeError('no zstd frame stands there');
  if (at > bytes.length) throw new RangeError('a zstd frame is not whole');
  if (bytes.subarray(at).some((byte) => byte !== 0)) throw new RangeError('bytes follow a zstd frame');
  return frames;
}

/** One frame from behind its magic number. A DataView throws RangeError itself where the bytes end. */
function measure(view: DataView, start: number): { readonly end: number; readonly atMost: number; readonly contentBytes: number | undefined } {
  const descriptor = view.getUint8(start);
  const single = (descriptor & 32) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = start + 1 + (single ? 0 : 1) + dictionaryBytes;
  const contentBytes = readSize(view, at, sizeBytes);
  at += sizeBytes;
  let sum = 0;
  for (let last = false; !last;) {
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const size = head >> 3;
    const kind = (head >> 1) & 3;
    last = (head & 1) === 1;
    if (kind === 3 || size > BLOCK_BYTES) throw new RangeError('a zstd block of an unknown kind');
    at += 3 + (kind === 1 ? 1 : size);
    sum += kind === 2 ? BLOCK_BYTES : size;
  }
  if (contentBytes !== undefined && contentBytes > sum)
    throw new RangeError(`a zstd frame claims ${contentBytes} bytes, its blocks give ${sum} at most`);
  const end = at + ((descriptor & 4) === 0 ? 0 : 4);
  if (end > view.byteLength) throw new RangeError('a zstd frame is not whole');
  return { end, atMost: contentBytes ?? sum, contentBytes };
}

function readSize(view: DataView, at: number, width: number): number | undefined {
  if (width === 0) return undefined;
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, true) + 256;
  return width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
