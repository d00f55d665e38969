import { INFINITY_BITS, OUT, type SweepLoops, type SweepMachine } from './sweep.js';

/** The loops in JavaScript: where WebAssembly is switched off, or the memory that a process may reserve is too small for it. Three times as slow. */
export class ScriptMachine implements SweepMachine {
  #buffer = new ArrayBuffer(64);
  #words = new Int32Array(this.#buffer);
  #singles = new Float32Array(this.#buffer);
  #doubles = new Float64Array(this.#buffer);

  readonly loops: SweepLoops = {
    sweep: (...parameters) => this.#sweep(...parameters),
    sweepPresent: (...parameters) => this.#sweep(...parameters),
    present: (...parameters) => this.#present(...parameters),
    drain: (...parameters) => this.#drain(...parameters),
    fold: (...parameters) => this.#fold(...parameters),
    bounds: (...parameters) => this.#bounds(...parameters),
    tally: (...parameters) => this.#tally(...parameters),
    zeros: (...parameters) => this.#zeros(...parameters),
  };

  buffer(): ArrayBuffer {
    return this.#buffer;
  }

  grow(bytes: number): void {
    const before = new Uint8Array(this.#buffer);
    this.#buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
    new Uint8Array(this.#buffer).set(before);
    this.#words = new Int32Array(this.#buffer);
    this.#singles = new Float32Array(this.#buffer);
    this.#doubles = new Float64Array(this.#buffer);
  }

  #sweep(...[at, end, stride, counts, shift, touched, small, floor, anchor]: Parameters<SweepLoops['sweep']>): number {
    const [words, singles, doubles, first, step, last] = [this.#words, this.#singles, this.#doubles, counts >> 2, stride >> 2, end >> 2];
    let [cells, smalls, sum, high, low] = [touched >> 2, small >> 2, 0, 0, 0];
    for (let place = at >> 2; place < last; place += step) {
      const bits = words[place] as number;
      if ((bits & 0x7fffffff) > INFINITY_BITS) continue;
      const cell = bits >>> shift;
      const before = words[first + cell] as number;
      words[cells] = cell;
      cells += (before - 1) >>> 31;
      words[first + cell] = before + 1;
      if (((bits & 0x7fffffff) - 1) >>> 0 < floor) {
        words[smalls++] = bits;
        continue;
      }
      const value = singles[place] as number;
      const square = value * value;
      const cut = square + anchor - anchor;
      sum += value;
      high += cut;
      low += square - cut;
    }
    doubles[OUT.sum >> 3] = sum;
    doubles[OUT.high >> 3] = high;
    doubles[OUT.low >> 3] = low;
    words[OUT.small >> 2] = 4 * smalls;
    return 4 * cells;
  }

  #present(...[at, end, stride]: Parameters<SweepLoops['present']>): number {
    let found = 0;
    for (let place = at >> 2; place < end >> 2; place += stride >> 2) if (((this.#words[place] as number) & 0x7fffffff) <= INFINITY_BITS) found++;
    return found;
  }

  #drain(...[from, end, counts, taken, sign, normal]: Parameters<SweepLoops['drain']>): number {
    const [words, first] = [this.#words, counts >> 2];
    let out = taken >> 2;
    for (let at = from >> 2; at < end >> 2; at++) {
      const raw = words[at] as number;
      words[out++] = words[first + raw] as number;
      words[first + raw] = 0;
      const size = raw & (sign - 1);
      const place = size < normal ? 0 : size - normal + 1;
      words[at] = raw < sign ? place : -place;
    }
    return 4 * out;
  }

  #fold(...[from, end, counts, taken]: Parameters<SweepLoops['fold']>): number {
    const [words, first, last] = [this.#words, counts >> 2, end >> 2];
    for (let at = from >> 2, out = taken >> 2; at < last; at++, out++) {
      const raw = words[at] as number;
      words[out] = words[first + raw] as number;
      words[first + raw] = 0;
    }
    let out = from >> 2;
    for (let at = from >> 2, count = taken >> 2; at < last; at++, count++) {
      const raw = (words[at] as number) >>> 1;
      const before = words[first + raw] as number;
      words[out] = raw;
      out += (before - 1) >>> 31;
      words[first + raw] = before + (words[count] as number);
    }
    return 4 * out;
  }

  #bounds(...[at, end, stride, bounds, span]: Parameters<SweepLoops['bounds']>): number {
    const [words, singles, least, greatest, size] = [this.#words, this.#singles, bounds >> 2, (bounds + span) >> 2, (bounds + 2 * span) >> 2];
    for (let row = at >> 2; row < end >> 2; row += stride >> 2) {
      for (let column = 0; column < stride >> 2; column++) {
        const value = singles[row + column] as number;
        const bits = (words[row + column] as number) & 0x7fffffff;
        if (value < (singles[least + column] as number)) singles[least + column] = value;
        if (value > (singles[greatest + column] as number)) singles[greatest + column] = value;
        if (bits > (words[size + column] as number)) words[size + column] = bits;
      }
    }
    return end;
  }

  #tally(...[at, end, stride, counts, last]: Parameters<SweepLoops['tally']>): number {
    const words = this.#words;
    for (let place = at >> 2; place < end >> 2; place += stride >> 2) {
      const slot = (counts >> 2) + Math.min((words[place] as number) >>> 0, last);
      words[slot] = (words[slot] as number) + 1;
    }
    return end;
  }

  #zeros(...[from, end, sign, normal]: Parameters<SweepLoops['zeros']>): number {
    let found = 0;
    for (let at = from >> 2; at < end >> 2; at++) if (((this.#words[at] as number) & (sign - 1)) < normal) found++;
    return found;
  }
}
