import { ScriptMachine } from './script-machine.js';
import { sweepModule } from './sweep-code.js';
import type { SweepLoops, SweepMachine } from './sweep.js';

const PAGE = 65_536;

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of WebAssembly; the types of Node have it not. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: SweepLoops & { readonly memory: Memory } };
}

/** The loops in WebAssembly, or in JavaScript where that cannot be had. */
export function openMachine(engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly): SweepMachine {
  try {
    const { exports } = new engine.Instance(new engine.Module(sweepModule()));
    const { memory } = exports;
    return { loops: exports, buffer: () => memory.buffer, grow: (bytes) => void memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE)) };
  } catch {
    // there is no such thing (--jitless), or no SIMD; or a limit on address space (ulimit -v) leaves no room for what engines reserve around such a memory
    return new ScriptMachine();
  }
}
