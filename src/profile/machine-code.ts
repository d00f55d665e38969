/**
 * Writes small WebAssembly modules: loops over a column of numbers that are fast from the first row on. The same loops in JavaScript take a tenth of a second in every worker until
 * they are compiled, and are thrown away and compiled again when the first buffer is handed over to another thread. Opcodes and layout: WebAssembly Core Specification 2.0, chapter 5.
 */

/** Bytes of an expression or of statements. */
export type Code = readonly number[];

export type ValueType = 'i32' | 'f64' | 'v128';
const TYPES = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;

/** A function of numbers that gives an i32; its locals come after its parameters, and are numbered on. */
export interface CodeFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
export const tee = (local: number, value: Code): Code => [...value, 0x22, local];
export const i32 = (value: number): Code => [0x41, ...signed(value)];

/** Of a byte address. */
export const load = (address: Code): Code => [...address, 0x28, 2, 0];
export const store = (address: Code, value: Code): Code => [...address, ...value, 0x36, 2, 0];
export const storeDouble = (address: Code, value: Code): Code => [...address, ...value, 0x39, 3, 0];

const binary =
  (opcode: number) =>
  (left: Code, right: Code): Code => [...left, ...right, opcode];
export const add = binary(0x6a);
export const subtract = binary(0x6b);
export const and = binary(0x71);
export const shiftLeft = binary(0x74);
/** Zeros come in. */
export const shiftRight = binary(0x76);
/** Unsigned. */
export const isBelow = binary(0x49);
export const addDoubles = binary(0xa0);
export const subtractDoubles = binary(0xa1);
export const multiplyDoubles = binary(0xa2);

/** The double of a float32 whose bits these are. */
export const doubleOfBits = (bits: Code): Code => [...bits, 0xbe, 0xbb];
/** Four of 32 bits at once, of a byte address. */
export const loadFour = (address: Code): Code => [...address, 0xfd, 0x00, 2, 0];
export const storeFour = (address: Code, value: Code): Code => [...address, ...value, 0xfd, 0x0b, 2, 0];
const four =
  (...opcode: number[]) =>
  (left: Code, right: Code): Code => [...left, ...right, 0xfd, ...opcode];
/** Of float32: the second where it is less, or greater, than the first; never NaN, where the first is not. */
export const least = four(0xea, 0x01);
export const greatest = four(0xeb, 0x01);
/** Of signed integers. */
export const greatestIntegers = four(0xb8, 0x01);
export const andFour = four(0x4e);
/** The same in all four. */
export const fourOf = (value: number): Code => [...i32(value), 0xfd, 0x11];

/** The first where the condition is not 0. */
export const select = (one: Code, other: Code, condition: Code): Code => [...one, ...other, ...condition, 0x1b];
export const whileTrue = (condition: Code, body: Code): Code => [0x02, 0x40, 0x03, 0x40, ...condition, 0x45, 0x0d, 1, ...body, 0x0c, 0, 0x0b, 0x0b];

/** A module that exports the functions, and its memory of at first one page as `memory`. */
export function moduleOf(functions: readonly CodeFunction[]): Uint8Array {
  const exported = functions.map(({ name }, index) => [...text(name), 0, index]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, functions.map(({ parameters }) => [0x60, ...list(parameters.map((type) => [TYPES[type]])), 1, TYPES.i32])),
    ...section(3, functions.map((_, index) => [index])),
    ...section(5, [[0, 1]]),
    ...section(7, [[...text('memory'), 2, 0], ...exported]),
    ...section(10, functions.map(({ locals, body }) => sized([...list(locals.map((type) => [1, TYPES[type]])), ...body, 0x0b]))),
  ]);
} // prettier-ignore

function section(id: number, entries: readonly Code[]): Code {
  return [id, ...sized(list(entries))];
}

function list(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function sized(code: Code): Code {
  return [...unsigned(code.length), ...code];
}

function text(name: string): Code {
  return sized([...Buffer.from(name)]);
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
