import { BodyWalk } from './body-walk.js';
import type { BatchHead } from './batch-header.js';
import { bitsOf, isUnreadable, type ArrowField, type ArrowType } from './type.js';

/** What a buffer of a column without nested ones holds. A column of views has data buffers behind these, as many as its batch says. */
export type FlatBuffer =
  | { readonly kind: 'validity' | 'bits' | 'data' }
  | { readonly kind: 'values'; readonly bytes: number }
  | { readonly kind: 'offsets'; readonly large: boolean }
  | { readonly kind: 'views' };

const VALIDITY: FlatBuffer = { kind: 'validity' };

/**
 * The buffers of a column that can be cut by rows and joined with its like as bytes alone; undefined for nested types and for those that the library
 * cannot read, whose record batches stay as they are.
 */
export function flatBuffers(type: ArrowType): readonly FlatBuffer[] | undefined {
  if (isUnreadable(type)) return undefined;
  switch (type.kind) {
    case 'null':
      return [];
    case 'bool':
      return [VALIDITY, { kind: 'bits' }];
    case 'utf8':
    case 'binary':
      return [VALIDITY, { kind: 'offsets', large: type.large }, { kind: 'data' }];
    case 'utf8-view':
    case 'binary-view':
      return [VALIDITY, { kind: 'views' }];
    default: {
      const bits = bitsOf(type);
      return bits === undefined ? undefined : [VALIDITY, { kind: 'values', bytes: bits / 8 }];
    }
  }
}

/** Can record batches of such columns be cut by rows, and joined? */
export function areFlat(fields: readonly ArrowField[]): boolean {
  return fields.every(({ type }) => flatBuffers(type) !== undefined);
}

/** A column of a record batch: its kinds of buffers, where each stands in the body, and the data buffers of a column of views. */
export interface FlatColumn {
  readonly name: string;
  readonly kinds: readonly FlatBuffer[];
  readonly nulls: number;
  readonly buffers: readonly BufferRange[];
  readonly views: readonly BufferRange[];
}

/** Offset in the body and length, in bytes. */
export type BufferRange = readonly [offset: number, length: number];

/**
 * The columns of a record batch of flat types; undefined where it does not have the columns, lengths and buffers that its schema asks for: whoever decodes
 * it whole says what is wrong. The lengths of buffers are not proven.
 */
export function flatColumns(fields: readonly ArrowField[], head: BatchHead): readonly FlatColumn[] | undefined {
  const walk = new BodyWalk(head.viewBuffers);
  const columns: FlatColumn[] = [];
  for (const { name, type } of fields) {
    const kinds = flatBuffers(type);
    if (kinds === undefined) return undefined;
    walk.visit(type, (_, node, first, count) => {
      const [length, nulls = 0] = head.nodes[node] ?? [];
      const found = head.buffers.slice(first, first + count).map(([at = 0, bytes = 0]) => [at, bytes] as const);
      if (length !== head.rows || found.length < count) return;
      columns.push({ name, kinds, nulls: kinds.length === 0 ? 0 : nulls, buffers: found.slice(0, kinds.length), views: found.slice(kinds.length) });
    });
  }
  const { node, buffer } = walk.place;
  return columns.length === fields.length && node === head.nodes.length && buffer === head.buffers.length ? columns : undefined;
}
