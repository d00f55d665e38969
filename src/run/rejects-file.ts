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

export const PRIVATE_MODE = 0o600;

export interface RejectsOptions extends Pick<OutputOptions, 'announce' | 'keeps' | 'followLinks' | 'beside'> {
  readonly closers: Closers;
  /** What the run that this one goes on from has written. */
  readonly begun?: { readonly sink: Sink; readonly rows: number } | undefined;
}

/**
 * Opens nothing yet, but tries whether it could: a place that may not be written is found before row one, not in the first night with a reject. A stream is
 * taken at its word: its reader would see it opened and closed.
 *
 * @throws OutputError as openOutput does.
 */
export async function openRejectsFile(path: string | undefined, { closers, begun, ...options }: RejectsOptions): Promise<RejectsFile> {
  const staging: OutputOptions = { ...options, mode: PRIVATE_MODE };
  if (path !== undefined && begun === undefined && !(await isSpecialOutput(path, options))) await (await openOutput(path, staging)).abort();
  let sink = begun?.sink;
  let rows = begun?.rows ?? 0;
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
        sink = await closers.addSink(await openOutput(path, staging));
        await sink.write(rejectsHeader());
      }
      await sink.write(encodeRejects(rejects));
      rows += rejects.length;
    },
  };
}
