import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { writeModel } from '#src/model/onnx/read.js';
import { parseModel } from '#src/model/parse.js';
import { knowledgeOf } from '#src/model/knowledge/walk.js';
import { signatureOf } from '#src/model/signature-of.js';
import { silenceTelemetry } from '#src/model/telemetry.js';
import { constant, graphOf, modelOf, node, value } from '../onnx-maker.js';

beforeAll(() => silenceTelemetry());

/** A node, and the width of what it gives. */
interface Built {
  readonly nodes: ReturnType<typeof node>[];
  readonly constants: Uint8Array[];
  width: number;
  tensor: string;
}

type Move = (built: Built, seed: number) => void;

/** Adds nodes that only move the columns of a matrix; `seed` chooses how. */
const MOVES: Readonly<Record<string, Move>> = {
  gather: (built, seed) => {
    const places = Array.from({ length: 1 + (seed % 5) }, (_, at) => BigInt((seed * (at + 3) + at) % built.width) - (at % 2 === 0 ? 0n : BigInt(built.width)));
    add(built, 'Gather', [['axis', 1n]], places, places.length);
  },
  extract: (built, seed) => {
    const places = Array.from({ length: 1 + (seed % 4) }, (_, at) => BigInt((seed * 7 + at * 5) % built.width));
    add(built, 'ArrayFeatureExtractor', [], places, places.length, 'ai.onnx.ml');
  },
  slice: (built, seed) => {
    const from = seed % built.width;
    const [starts, ends, axes] = [name(built, 's'), name(built, 'e'), name(built, 'a')];
    built.constants.push(constant(starts, [BigInt(from)]), constant(ends, [seed % 2 === 0 ? 2n ** 40n : BigInt(from + 1)]), constant(axes, [-1n]));
    put(built, node('Slice', [built.tensor, starts, ends, axes], [name(built, 't')]), seed % 2 === 0 ? built.width - from : 1);
  },
  split: (built, seed) => {
    const first = 1 + (seed % built.width);
    if (first === built.width) return;
    const [left, right, sizes] = [name(built, 'l'), name(built, 'r'), name(built, 'n')];
    built.constants.push(constant(sizes, [BigInt(first), BigInt(built.width - first)]));
    built.nodes.push(node('Split', [built.tensor, sizes], [left, right], [['axis', 1n]]));
    put(built, node('Concat', [right, left, right], [name(built, 't')], [['axis', 1n]]), 2 * built.width - first);
  },
  turn: (built, seed) => {
    // [N, w] -> [N, a, b] -> [N, b, a] -> [N, w]
    const a = [1, 2, 3, 4].find((size) => size > seed % 4 && built.width % size === 0) ?? 1;
    const [to, back, tall, turned] = [name(built, 'to'), name(built, 'back'), name(built, 'tall'), name(built, 'turned')];
    built.constants.push(constant(to, [-1n, BigInt(a), BigInt(built.width / a)]), constant(back, [0n, -1n]));
    built.nodes.push(node('Reshape', [built.tensor, to], [tall]), node('Transpose', [tall], [turned], [['perm', [0n, 2n, 1n]]]));
    put(built, node('Reshape', [turned, back], [name(built, 't')]), built.width);
  },
  fold: (built) => {
    const [axes, tall] = [name(built, 'axes'), name(built, 'tall')];
    built.constants.push(constant(axes, [1n]));
    built.nodes.push(node('Unsqueeze', [built.tensor, axes], [tall]));
    put(built, node('Flatten', [tall], [name(built, 't')]), built.width);
  },
  squeeze: (built) => {
    const [axes, tall] = [name(built, 'axes'), name(built, 'tall')];
    built.constants.push(constant(axes, [-1n]));
    built.nodes.push(node('Unsqueeze', [built.tensor, axes], [tall]));
    put(built, node('Squeeze', [tall, axes], [name(built, 't')]), built.width);
  },
  vectorize: (built) => put(built, node('FeatureVectorizer', [built.tensor, 'X'], [name(built, 't')], [['inputdimensions', [BigInt(built.width), 5n]]], 'ai.onnx.ml'), built.width + 5),
  identity: (built) => put(built, node('Identity', [built.tensor], [name(built, 't')]), built.width),
}; // prettier-ignore

const name = ({ nodes, constants }: Built, prefix: string): string => `${prefix}${nodes.length}_${constants.length}`;

function put(built: Built, last: ReturnType<typeof node>, width: number): void {
  built.nodes.push(last);
  built.tensor = last.output[0] ?? '';
  built.width = width;
}

function add(built: Built, type: string, attributes: Parameters<typeof node>[3], places: bigint[], width: number, domain = ''): void {
  const indices = name(built, 'i');
  built.constants.push(constant(indices, places));
  put(built, node(type, [built.tensor, indices], [name(built, 't')], attributes, domain), width);
}

test('columns are where the runtime moves them, through any chain of operators that move', async () => {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const moves = fc.array(fc.tuple(fc.constantFrom(...Object.keys(MOVES)), fc.nat(1000)), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(moves, async (chain) => {
      const built: Built = { nodes: [], constants: [], width: 5, tensor: 'X' };
      for (const [move, seed] of chain) if (built.width < 40) MOVES[move]?.(built, seed);
      if (built.tensor === 'X') return;
      const offsets = Array.from({ length: built.width }, (_, at) => at + 1);
      const scaler = node('Scaler', [built.tensor], ['Y'], [['offset', offsets], ['scale', offsets.map(() => 1)]], 'ai.onnx.ml');
      const graph = graphOf({
        node: [...built.nodes, scaler],
        input: [value('X', 1, ['N', 5])],
        output: [value(built.tensor, 1, ['N', built.width]), value('Y', 1, ['N', built.width])],
        initializer: built.constants,
      });
      const bytes = writeModel(modelOf(graph));
      const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', logSeverityLevel: 3 });
      const rows = new Tensor('float32', Float32Array.from([0, 1, 2, 3, 4, 100, 101, 102, 103, 104]), [2, 5]);
      const moved = (await session.run({ X: rows }))[built.tensor]?.data as Float32Array;
      await session.release();
      // an element that comes to one place only has its offset as its mean; what comes to several, each with another offset, is not known
      const places = Array.from({ length: 5 }, (_, at) => offsets.filter((offset) => moved[offset - 1] === at));
      const expected = places.flatMap((own, at) => (own.length === 1 ? [{ input: 'X', at, mean: own[0] }] : []));
      const parsed = parseModel(bytes, 'made.onnx');
      expect(knowledgeOf(parsed, signatureOf(parsed, [], 'made.onnx'))).toEqual(expected);
    }),
    { numRuns: 150, seed: 7 },
  );
}); // prettier-ignore
