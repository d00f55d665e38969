import { setFlagsFromString } from 'node:v8';

/** Inputs from this size on run long enough. */
const LONG_RUN_BYTES = 16 << 20;
/** Bytes of bytecode that a function goes through before V8 thinks of compiling it again, for speed; 67,584 unless told. */
const PATIENT_BUDGET = 200_000;
/** Release of Node whose V8 has the flag: newer ones, with one compiler more, complain on stderr that they do not know it. */
const RELEASE = '20';

let owned = false;

/** The process does nothing but score: its engine may be tuned. In a program that uses this as a library it may not. */
export function ownProcess(): void {
  owned = true;
}

/**
 * Makes V8 compile less in a long run. The loops that take the time are compiled within milliseconds either way; with its usual patience V8 also compiles what runs
 * a few hundred times a second, in three threads that each have a core's worth of scoring to do. To be called when the workers have loaded their code: under
 * other flags V8 takes no code from a cache. `inputBytes` is undefined for a pipe.
 */
export function tuneEngine(inputBytes: number | undefined): void {
  const [release] = process.versions.node.split('.');
  if (!owned || (inputBytes ?? Infinity) < LONG_RUN_BYTES || release !== RELEASE) return;
  setFlagsFromString(`--interrupt-budget=${PATIENT_BUDGET}`);
}
