import { compress, decompress, init } from '@bokuweb/zstd-wasm';

// A thread has one instance of it: a module that waits is run once, whoever imports it.
await init();

/** Its memory ends at 2 GiB, and where that is not enough it writes to address 0. */
export const LARGEST_BYTES = 2 ** 30;

export { compress, decompress };
