import type { Spot } from './yaml.js';

/** Why a text is no JSON that one can rely on, and where: the first fault of its syntax, or a key that comes twice in an object, of which a parser would silently drop one. */
export interface JsonFault {
  readonly found: string;
  readonly spot: Spot;
}

/** The first fault of a JSON text; undefined where there is none. Slower than JSON.parse, which says neither line nor key. */
export function jsonFault(text: string): JsonFault | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return undefined;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { found: fault.found, spot: spotAt(text, fault.offset) };
  }
}

/** Has an object of the text a key twice? Only then are there more keys in the text than in what it was parsed to. */
export function hasRepeatedKeys(text: string, value: unknown): boolean {
  return keysInText(text) !== keysIn(value);
}

function keysInText(text: string): number {
  let keys = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    at = stringEnd(text, at);
    if (at === 0) break;
    let next = at;
    while (isSpace(text.charCodeAt(next))) next++;
    if (text[next] === ':') keys++;
  }
  return keys;
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside: readonly unknown[] = Object.values(value);
  return inside.reduce<number>((sum, child) => sum + keysIn(child), Array.isArray(value) ? 0 : inside.length);
}

/** The position behind a string that begins at `from`; 0 where it does not end. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at === -1) return 0;
    let slashes = at;
    while (text[slashes - 1] === '\\') slashes--;
    if ((at - slashes) % 2 === 0) return at + 1;
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

function spotAt(text: string, offset: number): Spot {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, character: offset - start + 1 };
}

/** How the scanner leaves the text. */
class Fault extends Error {
  readonly found: string;
  readonly offset: number;

  constructor(found: string, offset: number) {
    super(found);
    this.found = found;
    this.offset = offset;
  }
}

const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const DEEPEST = 1000;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    if (this.#next() === '') throw new Fault('it is empty', 0);
    this.#value(0);
    if (this.#next() !== '') throw new Fault(`expected the end, found ${this.#found()}`, this.#at);
  }

  #value(depth: number): void {
    const next = this.#next();
    if (depth > DEEPEST) throw new Fault('it is nested too deeply', this.#at);
    if (next === '{') this.#list('}', () => this.#member(depth), new Set());
    else if (next === '[') this.#list(']', () => this.#item(depth));
    else if (next === '"') this.#string();
    else {
      LITERAL.lastIndex = this.#at;
      const literal = LITERAL.exec(this.#text)?.[0];
      if (literal === undefined) throw new Fault(`expected a value, found ${this.#found()}`, this.#at);
      this.#at += literal.length;
    }
  }

  /** From the bracket to its counterpart; `keys` of an object are each there once. */
  #list(end: string, read: () => string | undefined, keys?: Set<string>): void {
    const start = this.#at++;
    for (let isFirst = true; this.#next() !== end || !isFirst; isFirst = false) {
      if (!isFirst) {
        if (this.#next() === end) break;
        if (this.#next() === '') throw new Fault(`the ${this.#text[start] ?? ''} here is not closed`, start);
        if (this.#next() !== ',') throw new Fault(`expected "," or "${end}", found ${this.#found()}`, this.#at);
        this.#at++;
      }
      this.#next();
      const keyAt = this.#at;
      const key = read();
      if (key !== undefined && keys?.has(key) === true) throw new Fault(`the key ${JSON.stringify(key)} is there twice, and only the last one would count`, keyAt);
      if (key !== undefined) keys?.add(key);
    }
    this.#at++;
  } // prettier-ignore

  #item(depth: number): undefined {
    this.#value(depth + 1);
  }

  #member(depth: number): string {
    if (this.#next() !== '"') throw new Fault(`expected a key in double quotes, found ${this.#found()}`, this.#at);
    const key = this.#string();
    if (this.#next() !== ':') throw new Fault(`expected ":" after the key ${JSON.stringify(key)}, found ${this.#found()}`, this.#at);
    this.#at++;
    this.#value(depth + 1);
    return key;
  }

  #string(): string {
    const from = this.#at;
    this.#at = stringEnd(this.#text, from);
    const raw = this.#text.slice(from, this.#at);
    try {
      if (this.#at === 0 || /[\n\r]/.test(raw)) throw new SyntaxError();
      return JSON.parse(raw) as string;
    } catch {
      throw new Fault(this.#at === 0 || /[\n\r]/.test(raw) ? 'a text is not closed on its line' : 'a text with a control character, or with a \\ that means nothing', from);
    }
  } // prettier-ignore

  /** The next character that is no space, without taking it; '' at the end. */
  #next(): string {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #found(): string {
    const word = /^(?:\w{1,20}|[^])/u.exec(this.#text.slice(this.#at, this.#at + 21))?.[0];
    return word === undefined ? 'the end' : JSON.stringify(word);
  }
}
