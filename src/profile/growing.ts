/** A typed array that grows as it is written to: at least twice its length. */
export class Growing<T extends Int32Array | Uint32Array | Float64Array> {
  #values: T;
  length = 0;

  constructor(values: T) {
    this.#values = values;
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow();
    this.#values[this.length++] = value;
  }

  #grow(): void {
    const Type = this.#values.constructor as new (length: number) => T;
    const values = new Type(2 * this.#values.length + 16);
    values.set(this.#values);
    this.#values = values;
  }

  /** A copy of what was written, which then begins anew. */
  take(): T {
    const taken = this.#values.slice(0, this.length) as T;
    this.length = 0;
    return taken;
  }
}
