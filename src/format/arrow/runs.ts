/** A row of yes and no, kept as the lengths of its runs: nearly always one. */
export class Runs {
  readonly #lengths: number[];

  constructor(lengths: readonly number[] = []) {
    this.#lengths = [...lengths];
  }

  /** The first run is of yes, and may be empty. */
  add(yes: boolean): void {
    const runs = this.#lengths;
    if (runs.length === 0) runs.push(0);
    if ((runs.length % 2 === 1) === yes) runs[runs.length - 1] = (runs[runs.length - 1] ?? 0) + 1;
    else runs.push(1);
  }

  lengths(): readonly number[] {
    return [...this.#lengths];
  }

  *each(): Generator<boolean, void, undefined> {
    for (const [index, length] of this.#lengths.entries()) for (let at = 0; at < length; at++) yield index % 2 === 0;
  }
}
