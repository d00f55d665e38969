import { bitsOf, childTypes, type ArrowType } from './type.js';

/** Where a walk stands among the columns (nodes), buffers and numbers of data buffers of a batch. */
export interface BodyPlace {
  readonly node: number;
  readonly buffer: number;
  readonly view: number;
}

/**
 * Goes through the columns of a batch in the format's order (parents first), keeping count of the nodes and buffers that each takes. `viewBuffers` are
 * the numbers of data buffers of its columns of views.
 */
export class BodyWalk {
  readonly #viewBuffers: readonly number[];
  #node = 0;
  #buffer = 0;
  #view = 0;

  constructor(viewBuffers: readonly number[]) {
    this.#viewBuffers = viewBuffers;
  }

  get place(): BodyPlace {
    return { node: this.#node, buffer: this.#buffer, view: this.#view };
  }

  /** `found` gets every column of the type, itself first, with its node, its first buffer and the number of its own buffers. */
  visit(type: ArrowType, found: (type: ArrowType, node: number, buffer: number, count: number) => void = () => undefined): void {
    const count = buffersOf(type) + (isView(type) ? (this.#viewBuffers[this.#view++] ?? 0) : 0);
    found(type, this.#node++, this.#buffer, count);
    this.#buffer += count;
    for (const child of childTypes(type)) this.visit(child, found);
  }
}

/**
 * Bytes that the buffers of a column of `length` values take, in order, without padding; undefined where only their content says it (text, bytes). Ends
 * where all others are unknown.
 */
export function expectedBytes(type: ArrowType, length: number): readonly (number | undefined)[] {
  const nulls = Math.ceil(length / 8);
  const bits = bitsOf(type);
  if (bits !== undefined) return [nulls, Math.ceil((length * bits) / 8)];
  switch (type.kind) {
    case 'utf8':
    case 'binary':
    case 'list':
    case 'map':
      return [nulls, (length + 1) * (type.large ? 8 : 4)];
    case 'fixed-list':
    case 'struct':
      return [nulls];
    case 'union':
      return [length, 4 * length];
    default:
      return [];
  }
}

/** Buffers that a column takes for itself: validity and values, offsets, type ids. The data buffers of views come on top. */
function buffersOf(type: ArrowType): number {
  switch (type.kind) {
    case 'null':
      return 0;
    case 'fixed-list':
    case 'struct':
      return 1;
    case 'utf8':
    case 'binary':
      return 3;
    case 'union':
      return type.dense ? 2 : 1;
    case 'unreadable':
      return type.buffers;
    default:
      return 2;
  }
}

function isView(type: ArrowType): boolean {
  return type.kind === 'utf8-view' || type.kind === 'binary-view';
}
