import zlib from 'node:zlib';
import type { Codec } from './codec.js';
import { openZstdFrames, type ZstdFrame } from './zstd-frame.js';

/** The fast end of zstd, as pyarrow and Polars choose it. */
const LEVEL = 1;
/** Node's zlib gathers its output in pieces; larger ones are faster, and take this much memory at once. */
const PIECE_BYTES = 2 ** 20;

/** What decodes and encodes one frame. */
interface Engine {
  /** Gives the content of a frame, which is no longer than `atMost`. */
  decode(frame: Uint8Array, atMost: number): Uint8Array;
  encode(bytes: Uint8Array): Uint8Array;
}

/** What Node's zlib has from 22.15 on. */
interface ZlibZstd {
  readonly zstdDecompressSync: (bytes: Uint8Array, options: object) => Uint8Array;
  readonly zstdCompressSync: (bytes: Uint8Array, options: object) => Uint8Array;
  readonly constants: { readonly ZSTD_c_compressionLevel: number; readonly ZSTD_c_checksumFlag: number };
}

/** Zstandard: Node's own where it has it, else compiled to WebAssembly. `builtIn` false takes the latter in any case, for tests. */
export async function openZstd(builtIn = hasZstd(zlib)): Promise<Codec> {
  const engine = builtIn && hasZstd(zlib) ? zlibEngine(zlib) : await wasmEngine();
  return {
    name: 'zstd',
    open(bytes) {
      const frames = openZstdFrames(bytes);
      return { atMost: frames.reduce((sum, { atMost }) => sum + atMost, 0), decodeInto: (into) => decodeFrames(engine, frames, into) };
    },
    encode: (bytes) => engine.encode(bytes),
  };
}

function decodeFrames(engine: Engine, frames: readonly ZstdFrame[], into: Uint8Array): void {
  let at = 0;
  for (const { bytes, contentBytes } of frames) {
    const room = into.length - at;
    if ((contentBytes ?? 0) > room) throw new RangeError('a zstd frame gives more bytes than were announced');
    if (contentBytes === 0) continue;
    const content = rangeErrors(() => engine.decode(bytes, contentBytes ?? room));
    if (content.length > room) throw new RangeError('a zstd frame gives more bytes than were announced');
    into.set(content, at);
    at += content.length;
  }
  if (at !== into.length) throw new RangeError(`a zstd frame gives ${at} bytes, ${into.length} were announced`);
}

function hasZstd(module: object): module is ZlibZstd {
  return 'zstdDecompressSync' in module && 'zstdCompressSync' in module;
}

function zlibEngine({ zstdDecompressSync, zstdCompressSync, constants }: ZlibZstd): Engine {
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 };
  const chunkSize = (length: number): number => Math.min(PIECE_BYTES, Math.max(1024, length));
  return {
    decode: (frame, atMost) => zstdDecompressSync(frame, { maxOutputLength: Math.max(1, atMost), chunkSize: chunkSize(atMost) }),
    encode: (bytes) => zstdCompressSync(bytes, { params, chunkSize: chunkSize(bytes.length) }),
  };
}

async function wasmEngine(): Promise<Engine> {
  const { compress, decompress, LARGEST_BYTES } = await import('./zstd-wasm.js');
  return {
    decode(frame, atMost) {
      const bytes = frame.length + atMost;
      if (bytes > LARGEST_BYTES) throw new RangeError(`it takes ${bytes} bytes, the zstd of Node before 22.15 has room for ${LARGEST_BYTES}`);
      return decompress(frame, { defaultHeapSize: atMost });
    },
    // What is not shorter is stored as it is.
    encode: (bytes) => (2 * bytes.length > LARGEST_BYTES ? bytes : compress(bytes, LEVEL)),
  };
}

/** Engines name what is wrong with a frame each in their own kind of error. */
function rangeErrors<Result>(decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RangeError && !('code' in error)) throw error;
    throw new RangeError('the content of a zstd frame is damaged, or has a wrong checksum', { cause: error });
  }
}
