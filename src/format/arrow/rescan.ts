import type { WrittenBytes } from '../format.js';
import { corrupt, guarded } from './faults.js';
import type { Block } from './footer.js';
import { glanceAt } from './message.js';

/** Read at a time: the metadata of most messages. */
const GLANCE_BYTES = 4096;

/** Where the messages of an output stand. */
export interface WrittenBlocks {
  readonly dictionaries: readonly Block[];
  readonly batches: readonly Block[];
}

/** Finds the messages that an output of ours holds from byte `start` on, without reading their bodies. Throws InputError `arrow-corrupt` where they do not fill it. */
export async function rescan(written: WrittenBytes, start: number): Promise<WrittenBlocks> {
  const blocks = { dictionaries: new Array<Block>(), batches: new Array<Block>() };
  let byte = start;
  while (byte < written.bytes) {
    const { kind, metadataBytes, bodyBytes } = await messageAt(written, byte);
    (kind === 'dictionary' ? blocks.dictionaries : blocks.batches).push({ byte, metadataBytes, bodyBytes });
    byte += metadataBytes + bodyBytes;
  }
  if (byte !== written.bytes) throw corrupt({ byte }, `a message ends at byte ${byte} of an output of ${written.bytes}`);
  return blocks;
}

async function messageAt(written: WrittenBytes, byte: number): Promise<Exclude<ReturnType<typeof glanceAt>, { readonly needed: number }>> {
  let start = new Uint8Array(Math.min(GLANCE_BYTES, written.bytes - byte));
  for (;;) {
    const count = await written.readAt(start, byte);
    const glance = guarded({ byte }, 'a message of the output', () => glanceAt(start.subarray(0, count)));
    if (!('needed' in glance)) return glance;
    if (glance.needed > written.bytes - byte || count < start.length) throw corrupt({ byte }, 'a message of the output is not whole');
    start = new Uint8Array(glance.needed);
  }
}
