/**
 * Where the bytes of one file of a run go: a stage beside the target, or a stream that is written straight through. The run writes, `publish`
 * finishes and reveals; whoever gives up calls `abort`. One call at a time, except `abort`, which may come during a write and ends it.
 */
export interface Sink {
  /** For messages: the path as the user gave it, `stdout`, or `stream`. */
  readonly name: string;
  /** Real path of the file that will be published; undefined where bytes are seen as they are written. */
  readonly path: string | undefined;
  /** Have bytes been seen that were written? False for a stage, until it is revealed. */
  readonly visible: boolean;
  /** Bytes written so far. */
  readonly bytes: number;
  /** Hex sha256 of the bytes written so far. A sink that was opened without one has none to give. */
  digest(): string;
  /**
   * Appends all of `bytes`; the buffer may be used again when it resolves. Throws OutputError (`no-space`, `output-too-large`, `write-failed`: 74;
   * see failure.ts) or InterruptedError (`pipe-closed`). After a failure every further call throws the same error: nothing is tried again.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** No more bytes. A stage is counted, given its mode and synced, and is still invisible; a stream is flushed and, unless it is stdout, ended. */
  finish(): Promise<void>;
  /** Makes a finished stage the target in one step. A stream has nothing left to do. */
  reveal(): Promise<void>;
  /** Leaves the target as it was and no temp file; a stream is destroyed with `cause`, stdout is let be. Does nothing after `reveal`, or twice. */
  abort(cause?: Error): Promise<void>;
}
