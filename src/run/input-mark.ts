import { createHash } from 'node:crypto';
import type { Chunk, DecoderSetup } from '../format/format.js';
import type { ByteSource } from '../format/source.js';

/** What had been read of a plain file when a chunk of it was cut. Cutting the same bytes by the same options gives the same mark. */
export interface InputMark {
  /** Of the file itself, whatever it is encoded in; more than the chunks so far, as reading goes ahead. */
  readonly bytes: number;
  /** Hex, of those bytes. */
  readonly sha256: string;
  /** Hex, of what stands elsewhere in the file and is needed to read the chunk: schema and dictionaries of Arrow. */
  readonly aside: string;
}

/** Who wants marks. */
export interface Marks {
  /** Asked of each chunk when it is cut. */
  wants(index: number): boolean;
  mark(index: number, mark: InputMark): void;
}

/** Passes chunks on, and marks the input where that is wanted, before anything more is read. `source` is that of the file's own bytes. */
export async function* markInput(
  chunks: AsyncGenerator<Chunk, void, undefined>,
  { source, decoder, marks }: { readonly source: ByteSource; readonly decoder: DecoderSetup; readonly marks: Marks },
): AsyncGenerator<Chunk, void, undefined> {
  for await (const chunk of chunks) {
    if (marks.wants(chunk.index)) marks.mark(chunk.index, { bytes: source.position, sha256: source.digest(), aside: asideOf(chunk, decoder) });
    yield chunk;
  }
}

export function sameMark(a: InputMark, b: InputMark): boolean {
  return a.bytes === b.bytes && a.sha256 === b.sha256 && a.aside === b.aside;
}

function asideOf({ context }: Chunk, decoder: DecoderSetup): string {
  const hash = createHash('sha256');
  if (decoder.format === 'arrow') hash.update(decoder.schema);
  for (const message of context?.messages ?? []) hash.update(message);
  return hash.digest('hex');
}
