import type { RowReject } from '../batch/reject.js';
import { isSpecialOutput, openOutput, type OutputOptions } from '../publish/open.js';
import type { Sink } from '../publish/sink.js';
import type { Closers } from './closers.js';

/** The rejects of a run: a file that is there only once there is a reject. Mode 0600, for it holds the data's values. */
export interface RejectsFile {
  /** Undefined while there is none. */
  readonly sink: Sink | undefined;
  /** Rows written; undefined where rejects are written nowhere. */
  readonly rows: number | undefined;
  write(rejects: readonly RowReject[]): Promise<void>;
}

const PRIVATE_MODE = 0o600;

/**
 * Opens nothing yet, but tries whether it could: a place that may not be written is found before row one, not in the first night with a reject. A stream is
 * taken at its word: its reader would see it opened and closed.
 *
 * @param announce told the temp file before it is made, as openOutput's.
 * @throws OutputError as openOutput does.
 */
export async function openRejectsFile(path: string | undefined, closers: Closers, announce?: OutputOptions['announce']): Promise<RejectsFile> {
  const options: OutputOptions = { mode: PRIVATE_MODE, ...(announce === undefined ? {} : { announce }) };
  if (path !== undefined && !(await isSpecialOutput(path))) await (await openOutput(path, options)).abort();
  let sink: Sink | undefined;
  let rows = 0;
  return {
    get sink() {
      return sink;
    },
    get rows() {
      return path === undefined ? undefined : rows;
    },
    async write(rejects) {
      if (path === undefined || rejects.length === 0) return;
      const { encodeRejects, rejectsHeader } = await import('../format/csv/rejects.js');
      if (sink === undefined) {
        sink = await closers.addSink(await openOutput(path, options));
        await sink.write(rejectsHeader());
      }
      await sink.write(encodeRejects(rejects));
      rows += rejects.length;
    },
  };
}
