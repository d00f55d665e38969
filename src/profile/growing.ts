/** A typed array that grows as it is written to: at least twice its length. */
export class Growing<T extends Int32Array | Uint32Array | Float64Array> {
  #values: T;
  length = 0;

  constructor(values: T) {
    this.#values = values;
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow(1);
    this.#values[this.length++] = value;
  }

  append(values: ArrayLike<number>): void {
    if (this.length + values.length > this.#values.length) this.#grow(values.length);
    this.#values.set(values, this.length);
    this.length += values.length;
  }

  #grow(by: number): void {
    const Type = this.#values.constructor as new (length: number) => T;
    const values = new Type(2 * this.#values.length + by);
    values.set(this.#values);
    this.#values = values;
  }

  /** Copies what was written to an array of that length, and begins anew. */
  moveTo(into: T): T {
    into.set(this.#values.subarray(0, this.length));
    this.length = 0;
    return into;
  }
}
