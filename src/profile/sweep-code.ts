import {
  add,
  addDoubles,
  and,
  andFour,
  doubleOfBits,
  fourOf,
  get,
  greatest,
  greatestIntegers,
  i32,
  isBelow,
  least,
  load,
  loadFour,
  moduleOf,
  multiplyDoubles,
  select,
  set,
  shiftLeft,
  shiftRight,
  store,
  storeDouble,
  storeFour,
  subtract,
  subtractDoubles,
  tee,
  whileTrue,
  type Code,
  type CodeFunction,
} from './machine-code.js';
import { INFINITY_BITS, OUT } from './sweep.js';

/** The address of a count. */
const slotOf = (counts: Code, cell: Code): Code => add(counts, shiftLeft(cell, i32(2)));
/** 4, the bytes of an entry, for a count that is 0; 0 for any other. No branch: in few rows nearly every value is the first of its cell. */
const stepIfZero = (count: Code): Code => shiftLeft(shiftRight(subtract(count, i32(1)), i32(31)), i32(2));
const step = (local: number, by: Code = i32(4)): Code => set(local, add(get(local), by));
const negative = (value: Code): Code => subtract(i32(0), value);

const magnitude = (bits: Code): Code => and(bits, i32(0x7fffffff));
/** 1 for the bits of a NaN. */
const isNaNBits = (bits: Code): Code => isBelow(i32(INFINITY_BITS), magnitude(bits));
/** All bits for 0, none for 1. */
const allUnless = (flag: Code): Code => subtract(flag, i32(1));

function sweep(name: 'sweep' | 'sweepPresent'): CodeFunction {
  const [at, end, stride, counts, shift, touched, small, floor, anchor] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const [bits, slot, before, isSmall, isHole, value, square, cut, sum, high, low] = [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
  const hasHoles = name === 'sweepPresent';
  const unlessHole = (one: Code): Code => (hasHoles ? and(one, allUnless(get(isHole))) : one);
  return {
    name,
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f64'],
    locals: ['i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'f64', 'f64', 'f64', 'f64', 'f64'],
    body: [
      ...whileTrue(isBelow(get(at), get(end)), [
        ...set(bits, load(get(at))),
        ...(hasHoles ? set(isHole, isNaNBits(get(bits))) : []),
        ...store(get(touched), tee(slot, shiftRight(get(bits), get(shift)))),
        ...set(before, load(tee(slot, slotOf(get(counts), get(slot))))),
        ...step(touched, unlessHole(stepIfZero(get(before)))),
        ...store(get(slot), add(get(before), hasHoles ? subtract(i32(1), get(isHole)) : i32(1))),
        ...set(isSmall, isBelow(subtract(magnitude(get(bits)), i32(1)), get(floor))),
        ...store(get(small), get(bits)),
        ...step(small, shiftLeft(get(isSmall), i32(2))),
        ...set(value, doubleOfBits(unlessHole(and(get(bits), allUnless(get(isSmall)))))),
        ...set(sum, addDoubles(get(sum), get(value))),
        ...set(cut, subtractDoubles(addDoubles(tee(square, multiplyDoubles(get(value), get(value))), get(anchor)), get(anchor))),
        ...set(high, addDoubles(get(high), get(cut))),
        ...set(low, addDoubles(get(low), subtractDoubles(get(square), get(cut)))),
        ...step(at, get(stride)),
      ]),
      ...storeDouble(i32(OUT.sum), get(sum)),
      ...storeDouble(i32(OUT.high), get(high)),
      ...storeDouble(i32(OUT.low), get(low)),
      ...store(i32(OUT.small), get(small)),
      ...get(touched),
    ],
  };
}

function present(): CodeFunction {
  const [at, end, stride, found] = [0, 1, 2, 3];
  return {
    name: 'present',
    parameters: ['i32', 'i32', 'i32'],
    locals: ['i32'],
    body: [
      ...whileTrue(isBelow(get(at), get(end)), [...step(found, subtract(i32(1), isNaNBits(load(get(at))))), ...step(at, get(stride))]),
      ...get(found),
    ],
  };
}

function drain(): CodeFunction {
  const [from, end, counts, taken, sign, normal, raw, slot, place] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  return {
    name: 'drain',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    locals: ['i32', 'i32', 'i32'],
    body: [
      ...whileTrue(isBelow(get(from), get(end)), [
        ...store(get(taken), load(tee(slot, slotOf(get(counts), tee(raw, load(get(from))))))),
        ...store(get(slot), i32(0)),
        ...set(place, and(get(raw), subtract(get(sign), i32(1)))),
        ...set(place, select(i32(0), add(subtract(get(place), get(normal)), i32(1)), isBelow(get(place), get(normal)))),
        ...store(get(from), select(get(place), negative(get(place)), isBelow(get(raw), get(sign)))),
        ...step(from),
        ...step(taken),
      ]),
      ...get(taken),
    ],
  };
}

function fold(): CodeFunction {
  const [from, end, counts, taken, at, out, slot, before] = [0, 1, 2, 3, 4, 5, 6, 7];
  return {
    name: 'fold',
    parameters: ['i32', 'i32', 'i32', 'i32'],
    locals: ['i32', 'i32', 'i32', 'i32'],
    body: [
      ...set(at, get(from)),
      ...set(out, get(taken)),
      ...whileTrue(isBelow(get(at), get(end)), [
        ...store(get(out), load(tee(slot, slotOf(get(counts), load(get(at)))))),
        ...store(get(slot), i32(0)),
        ...step(at),
        ...step(out),
      ]),
      ...set(at, get(from)),
      ...set(out, get(from)),
      ...whileTrue(isBelow(get(at), get(end)), [
        ...store(get(out), tee(slot, shiftRight(load(get(at)), i32(1)))),
        ...set(before, load(tee(slot, slotOf(get(counts), get(slot))))),
        ...store(get(slot), add(get(before), load(get(taken)))),
        ...step(out, stepIfZero(get(before))),
        ...step(at),
        ...step(taken),
      ]),
      ...get(out),
    ],
  };
}

function zeros(): CodeFunction {
  const [from, end, sign, normal, found] = [0, 1, 2, 3, 4];
  return {
    name: 'zeros',
    parameters: ['i32', 'i32', 'i32', 'i32'],
    locals: ['i32'],
    body: [
      ...whileTrue(isBelow(get(from), get(end)), [
        ...step(found, isBelow(and(load(get(from)), subtract(get(sign), i32(1))), get(normal))),
        ...step(from),
      ]),
      ...get(found),
    ],
  };
}

function bounds(): CodeFunction {
  const [at, end, stride, from, span, column, value, slot] = [0, 1, 2, 3, 4, 5, 6, 7];
  const widen = (by: (one: Code, other: Code) => Code, other: Code): Code => storeFour(get(slot), by(loadFour(get(slot)), other));
  return {
    name: 'bounds',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    locals: ['i32', 'v128', 'i32'],
    body: [
      ...whileTrue(isBelow(get(at), get(end)), [
        ...set(column, i32(0)),
        ...whileTrue(isBelow(get(column), get(span)), [
          ...set(value, loadFour(add(get(at), get(column)))),
          ...set(slot, add(get(from), get(column))),
          ...widen(least, get(value)),
          ...step(slot, get(span)),
          ...widen(greatest, get(value)),
          ...step(slot, get(span)),
          ...widen(greatestIntegers, andFour(get(value), fourOf(0x7fffffff))),
          ...step(column, i32(16)),
        ]),
        ...step(at, get(stride)),
      ]),
      ...get(end),
    ],
  };
}

function tally(): CodeFunction {
  const [at, end, stride, counts, last, slot] = [0, 1, 2, 3, 4, 5];
  return {
    name: 'tally',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    locals: ['i32'],
    body: [
      ...whileTrue(isBelow(get(at), get(end)), [
        ...set(slot, load(get(at))),
        ...set(slot, slotOf(get(counts), select(get(slot), get(last), isBelow(get(slot), get(last))))),
        ...store(get(slot), add(load(get(slot)), i32(1))),
        ...step(at, get(stride)),
      ]),
      ...get(end),
    ],
  };
}

/** The loops of sweep.ts, as a WebAssembly module. */
export function sweepModule(): Uint8Array {
  return moduleOf([sweep('sweep'), sweep('sweepPresent'), present(), drain(), fold(), bounds(), tally(), zeros()]);
}
