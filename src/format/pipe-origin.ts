import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { readError, type Origin } from './origin.js';

/** What one read takes at most: the capacity of a pipe, unless someone changed it. */
const READ_BYTES = 1 << 16;
/** What is read ahead while nobody asks for it: the next chunk. */
const AHEAD_BYTES = 1 << 20;

/**
 * Reads a pipe, FIFO or socket by its descriptor, as bytes come in and up to 1 MiB ahead. Through the event loop, so that a run that is stopped need not
 * wait for a producer that says nothing; and through one buffer: a stream of Node's takes a new one for every 64 KB. Takes the descriptor over:
 * closing closes it, but for those of stdin, stdout and stderr.
 */
export function openPipeOrigin(descriptor: number, name: string): Origin {
  return new PipeOrigin(descriptor, name);
}

class PipeOrigin implements Origin {
  readonly name: string;
  readonly size = undefined;
  readonly isPipe = true;
  readonly #socket: Socket;
  /** Bytes `from` to `to` have come in and were not pulled yet. */
  readonly #ahead = new Uint8Array(AHEAD_BYTES);
  #from = 0;
  #to = 0;
  #state: 'reading' | 'paused' | 'ended' | 'failed' = 'reading';
  #failure: unknown;
  #wake: (() => void)[] = [];

  constructor(descriptor: number, name: string) {
    this.name = name;
    // Node takes `onread` here; older pages of its manual, and the types, give it to connect() (nodejs/node#53792).
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: descriptor,
      readable: true,
      writable: false,
      onread: { buffer: new Uint8Array(READ_BYTES), callback: (count, buffer) => this.#take(buffer.subarray(0, count)) },
    };
    this.#socket = new Socket(options);
    this.#socket.on('end', () => this.#end('ended'));
    this.#socket.on('error', (error) => this.#end('failed', error));
    this.#socket.on('close', () => this.#end('failed', new Error('it was closed')));
  }

  async pull(into: Uint8Array): Promise<number> {
    await this.arrival();
    const count = Math.min(into.length, this.#to - this.#from);
    into.set(this.#ahead.subarray(this.#from, this.#from + count));
    this.#from += count;
    if (this.#from === this.#to) this.#from = this.#to = 0;
    if (this.#state === 'paused' && this.#hasRoom()) {
      this.#state = 'reading';
      this.#socket.resume();
    }
    return count;
  }

  async arrival(): Promise<void> {
    while (this.#from === this.#to && this.#state !== 'ended') {
      if (this.#state === 'failed') throw readError(this.name, this.#failure);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  close(): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  /** Takes what was read, whose buffer is used again; false pauses reading. */
  #take(bytes: Uint8Array): boolean {
    this.#ahead.set(bytes, this.#to);
    this.#to += bytes.length;
    if (!this.#hasRoom()) this.#state = 'paused';
    this.#notify();
    return this.#state === 'reading';
  }

  #hasRoom(): boolean {
    return AHEAD_BYTES - this.#to >= READ_BYTES;
  }

  /** The first end holds: a closed socket says so again. */
  #end(state: 'ended' | 'failed', failure?: unknown): void {
    if (this.#state === 'ended' || this.#state === 'failed') return;
    this.#state = state;
    this.#failure = failure;
    this.#notify();
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const resolve of waiting) resolve();
  }
}
