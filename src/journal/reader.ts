import { linesOf, type Line } from '../files/lines.js';
import { decodeEntry, type DecodedLine, type Entry } from './entry.js';
import { readFailure } from './failure.js';
import { readSource } from './source.js';

export type ReadLine = Line & { readonly decoded: DecodedLine };

/**
 * Every line of a journal file (also compressed by gzip; `-` is stdin), each proven against its own digest or with its fault. Throws JournalError
 * (`journal-missing` 66, `journal-read` 74, `journal-permission` 77).
 */
export async function* readJournal(path: string): AsyncGenerator<ReadLine, void, undefined> {
  try {
    for await (const line of linesOf(readSource(path))) yield { ...line, decoded: decodeEntry(line.bytes) };
  } catch (error) {
    throw readFailure(error, path);
  }
}

/** The entries of a journal file in its order; lines that do not prove themselves, such as a torn last one, are passed over (verifyJournal names them). */
export async function* readEntries(path: string): AsyncGenerator<Entry, void, undefined> {
  for await (const { decoded } of readJournal(path)) if (decoded.ok) yield decoded.entry;
}
