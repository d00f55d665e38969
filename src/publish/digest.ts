import { createHash } from 'node:crypto';
import { DefectError } from '../errors/errors.js';

/** The digest over the bytes of an output as they pass. Hashing takes a tenth of a quick run, so nothing is hashed where nobody will ask. */
export class OutputDigest {
  readonly #hash;

  constructor(hashed: boolean) {
    this.#hash = hashed ? createHash('sha256') : undefined;
  }

  update(bytes: Uint8Array): void {
    this.#hash?.update(bytes);
  }

  /** Hex sha256 of what passed so far. */
  hex(): string {
    if (this.#hash === undefined) throw new DefectError('the output was opened without a digest');
    return this.#hash.copy().digest('hex');
  }
}
