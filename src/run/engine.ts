import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function goes through before V8 thinks of compiling it again, for speed; 67,584 unless told. */
const PATIENT_BUDGET = 500_000;
/** Release of Node whose V8 has the flag: newer ones, with one compiler more, complain on stderr that they do not know it. */
const RELEASE = '20';

let owned = false;

/** The process does nothing but score: its engine may be tuned. In a program that uses this as a library it may not. */
export function ownProcess(): void {
  owned = true;
}

/**
 * Makes V8 compile less. The loops that take the time are compiled within milliseconds either way; with its usual patience V8 also compiles what runs a few hundred times a second, in three
 * threads that each have a core's worth of scoring to do, and of a short run what is done by the time it is compiled. To be called when the workers have loaded their code: under
 * other flags V8 takes no code from a cache.
 */
export function tuneEngine(): void {
  const [release] = process.versions.node.split('.');
  if (owned && release === RELEASE) setFlagsFromString(`--interrupt-budget=${PATIENT_BUDGET}`);
}
