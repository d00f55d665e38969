import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { TensorProtoSchema, TensorHeadSchema, type GraphProto } from '#src/model/onnx/onnx_pb.js';
import { writeModel } from '#src/model/onnx/read.js';
import { COMMAND, strangers, tempFolder } from '../support/command.js';
import { constant, graphAttribute, graphOf, modelOf, node, value } from './onnx-maker.js';

/** What one attempt may take of a machine: address space (Node itself reserves most of it) and time. */
const CAP_KIB = 12_000_000;
const SECONDS = 10;

interface Outcome {
  readonly status: number | null;
  readonly code: string | undefined;
  readonly message: string;
  readonly seconds: number;
}

/** Scores three rows with a file's bytes as the model, within the cap; nothing may be left beside what was there. */
function attempt(bytes: Uint8Array, prepare: (folder: string) => void = () => undefined): Outcome {
  const folder = tempFolder();
  writeFileSync(join(folder, 'm.onnx'), bytes);
  writeFileSync(join(folder, 'in.csv'), 'X\n1\n2\n3\n');
  prepare(folder);
  const begun = performance.now();
  const script = `ulimit -v ${CAP_KIB}; exec "$0" "$1" score -m m.onnx in.csv -o out.csv --no-journal --log-format json`;
  const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, COMMAND], { cwd: folder, encoding: 'utf8', timeout: SECONDS * 1e3, killSignal: 'SIGKILL' });
  const seconds = (performance.now() - begun) / 1e3;
  if (status !== 0) expect(strangers(folder, ['m.onnx', 'in.csv', 'weights.bin', 'link.bin', 'hard.bin', 'sub', 'out.csv.rejects.csv'])).toEqual([]);
  const line = stderr.split('\n').find((text) => text.startsWith('{'));
  const { code, message } = JSON.parse(line ?? '{}') as { code?: string; message?: string };
  expect(stderr).not.toMatch(/ at .*\.js:\d+|core dumped/);
  return { status, code, message: message ?? stderr, seconds };
} // prettier-ignore

const FLOATS = [value('X', 1, ['', 1])];
const OUT = [value('Y', 1, ['', 1])];
const int64s = (name: string, ...values: bigint[]): Uint8Array => constant(name, values);

/** A graph that makes a tensor B, and needs it for its output. */
function bomb(nodes: ReturnType<typeof node>[], initializer: Uint8Array[]): Uint8Array {
  const rest = [node('ReduceMax', ['B'], ['m'], [['keepdims', 0n]]), node('Mul', ['m', 'zero'], ['z']), node('Add', ['X', 'z'], ['Y'])];
  return writeModel(
    modelOf(graphOf({ node: [...nodes, ...rest], input: FLOATS, output: OUT, initializer: [...initializer, constant('zero', [0])] })),
  );
}

const BIG = int64s('s', 1_000_000n, 1_000_000n);
const doubling = (from: string, axis: bigint): ReturnType<typeof node>[] => [
  ...Array.from({ length: 45 }, (_, index) => {
    const name = index === 0 ? from : `c${index - 1}`;
    return node('Concat', [name, name], [`c${index}`], [['axis', axis]]);
  }),
  node('Identity', ['c44'], ['B']),
];

describe('a small file that asks for terabytes', () => {
  test.each<[string, Uint8Array]>([
    ['ConstantOfShape', bomb([node('ConstantOfShape', ['s'], ['B'])], [BIG])],
    ['ConstantOfShape of what just fits many machines', bomb([node('ConstantOfShape', ['s'], ['B'])], [int64s('s', 70_000n, 30_000n)])],
    ['Expand', bomb([node('Expand', ['zero', 's'], ['B'])], [BIG])],
    ['Expand of rows', bomb([node('Expand', ['X', 's'], ['B'])], [int64s('s', 1_000_000n, 1n, 1_000_000n)])],
    ['Tile', bomb([node('Tile', ['X', 's'], ['B'])], [BIG])],
    ['Range', bomb([node('Range', ['a', 'b', 'd'], ['R']), node('Cast', ['R'], ['B'], [['to', 1n]])], [int64s('a', 0n), int64s('b', 10n ** 13n), int64s('d', 1n)])],
    ['Concat, doubled 45 times', bomb(doubling('X', 1n), [])],
    ['a constant, doubled 45 times', bomb(doubling('o', 0n), [constant('o', [1])])],
    ['Pad', bomb([node('Pad', ['X', 'p'], ['B'])], [int64s('p', 0n, 0n, 1_000_000n, 1_000_000n)])],
    ['an outer sum', bomb([node('ConstantOfShape', ['s'], ['a']), node('ConstantOfShape', ['t'], ['b']), node('Add', ['a', 'b'], ['B'])], [int64s('s', 1_000_000n, 1n), int64s('t', 1n, 1_000_000n)])],
    ['an outer product', bomb([node('ConstantOfShape', ['s'], ['a']), node('ConstantOfShape', ['t'], ['b']), node('MatMul', ['a', 'b'], ['B'])], [int64s('s', 1_000_000n, 1n), int64s('t', 1n, 1_000_000n)])],
  ])('%s', (_, bytes) => {
    const { status, code, message } = attempt(bytes);
    expect([status, code]).toEqual([69, 'model-memory']);
    expect(message).toMatch(/memory/);
  }); // prettier-ignore
});

describe('a loop without an end', () => {
  const body = (): GraphProto =>
    graphOf({
      node: [node('Identity', ['go'], ['goes']), node('Identity', ['acc'], ['next'])],
      input: [value('i', 7, []), value('go', 9, []), value('acc', 1)],
      output: [value('goes', 9, []), value('next', 1)],
    });
  const loop = (rounds: string): Uint8Array => {
    const each = node('Loop', [rounds, 'yes', 'X'], ['Y']);
    each.attribute.push(graphAttribute('body', body()));
    const yes = toBinary(TensorProtoSchema, create(TensorProtoSchema, { name: 'yes', dataType: 9, int32Data: [1] }));
    return writeModel(modelOf(graphOf({ node: [each], input: FLOATS, output: OUT, initializer: [int64s('m', 2n ** 62n), int64s('few', 3n), yes] })));
  };

  test.each([['no number of rounds', ''], ['4,611,686,018,427,387,904 rounds', 'm']])('%s', (_, rounds) => {
    expect(attempt(loop(rounds))).toMatchObject({ status: 69, code: 'endless-loop' });
  }); // prettier-ignore
});

describe('graphs out of joint', () => {
  const graph = (nodes: ReturnType<typeof node>[], initializer: Uint8Array[] = []): Uint8Array =>
    writeModel(modelOf(graphOf({ node: nodes, input: FLOATS, output: OUT, initializer })));
  const nested = (depth: number): Uint8Array => {
    let inner = graphOf({ node: [node('Identity', ['X'], ['y'])], input: [], output: [value('y', 1)] });
    for (let at = 0; at < depth; at++) {
      const branch = node('If', ['c'], ['y']);
      branch.attribute.push(graphAttribute('then_branch', inner), graphAttribute('else_branch', graphOf({ node: [node('Identity', ['X'], ['y'])], input: [], output: [value('y', 1)] })));
      inner = graphOf({ node: [branch], input: [], output: [value('y', 1)] });
    }
    const outer = node('If', ['c'], ['Y']);
    outer.attribute.push(graphAttribute('then_branch', inner), graphAttribute('else_branch', inner));
    return graph([outer], [toBinary(TensorProtoSchema, create(TensorProtoSchema, { name: 'c', dataType: 9, int32Data: [1] }))]);
  }; // prettier-ignore

  test.each<[string, Uint8Array, string]>([
    ['a cycle', graph([node('Add', ['X', 'b'], ['a']), node('Identity', ['a'], ['b']), node('Identity', ['a'], ['Y'])]), 'model-load'],
    ['a cycle of two outputs', graph([node('Identity', ['Y'], ['Y'])]), 'model-load'],
    ['an output written twice', graph([node('Abs', ['X'], ['Y']), node('Neg', ['X'], ['Y'])]), 'model-load'],
    ['an operator that does not exist', graph([node('Frobnicate', ['X'], ['Y'])]), 'model-load'],
    ['a domain that does not exist', graph([node('Frob', ['X'], ['Y'], [], 'my.ops')]), 'model-load'],
    ['subgraphs 80 deep', nested(80), 'not-a-model'],
  ])('%s', (_, bytes, code) => expect(attempt(bytes)).toMatchObject({ status: 69, code }));

  test('subgraphs 20 deep take no longer than others', () => {
    const { status, seconds } = attempt(nested(20));
    expect([0, 69]).toContain(status);
    expect(seconds).toBeLessThan(5);
  });

  test.each([999n, 0n, -1n])('operator set %i', (version) => {
    const model = modelOf(graphOf({ node: [node('Identity', ['X'], ['Y'])], input: FLOATS, output: OUT }));
    model.opsetImport = [{ $typeName: 'scoreline.onnx.OperatorSetId', domain: '', version }];
    expect(attempt(writeModel(model))).toMatchObject({ status: 69, code: 'model-load' });
  });

  test.each<[string, bigint[], number]>([['absurd', [2n ** 40n, 2n ** 20n], 0], ['that overflow', [2n ** 62n, 2n ** 62n], 0], ['that are negative', [-5n], 0], ['beyond the data', [1000n], 8]])(
    'a weight with dimensions %s', (_, dims, bytes) => {
      const weight = toBinary(TensorProtoSchema, create(TensorProtoSchema, { name: 'W', dataType: 1, dims, rawData: new Uint8Array(bytes) }));
      expect(attempt(graph([node('Add', ['X', 'W'], ['Y'])], [weight]))).toMatchObject({ status: 69 });
    },
  ); // prettier-ignore

  test.each<[string, (string | number)[]]>([['a batch of a billion', [1e9, 1]], ['a billion values a row', ['', 1e9]], ['more than there are', [2 ** 31, 2 ** 31]]])('%s', (_, dims) => {
    const wide = graphOf({ node: [node('Identity', ['X'], ['Y'])], input: [value('X', 1, dims)], output: [value('Y', 1, dims)] });
    expect(attempt(writeModel(modelOf(wide)))).toMatchObject({ status: 69, code: 'unsupported-shape' });
  }); // prettier-ignore

  test('a name of a million letters is cut in the message', () => {
    const name = 'X'.repeat(1_000_000);
    const huge = graphOf({ node: [node('Identity', [name], ['Y'])], input: [value(name, 1, ['', 2, 2])], output: OUT });
    const { status, message } = attempt(writeModel(modelOf(huge)));
    expect([status, message.length < 1000]).toEqual([69, true]);
  });

  test('a key of twenty million letters is only slow to read', () => {
    const encoder = node('LabelEncoder', ['X'], ['Y'], [['keys_strings', ['a'.repeat(20_000_000)]], ['values_int64s', [1n]]], 'ai.onnx.ml'); // prettier-ignore
    const model = graphOf({ node: [encoder], input: [value('X', 8, ['', 1])], output: [value('Y', 7, ['', 1])] });
    expect(attempt(writeModel(modelOf(model)))).toMatchObject({ status: 0 });
  });
});

describe('weights elsewhere', () => {
  const pointing = (location: string): Uint8Array => {
    const head = { name: 'W', dims: [1n], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: Buffer.from(location) }] };
    const weight = toBinary(TensorHeadSchema, create(TensorHeadSchema, head));
    return writeModel(modelOf(graphOf({ node: [node('Add', ['X', 'W'], ['Y'])], input: FLOATS, output: OUT, initializer: [weight] })));
  };
  /** A pipe that nobody writes to: whoever opens it waits for ever. */
  const canary = (path: string): void => {
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
  };

  test.each<[string, string, (folder: string) => void]>([
    ['beside the model', 'weights.bin', (folder) => canary(join(folder, 'weights.bin'))],
    ['by a link', 'link.bin', (folder) => { canary(join(folder, 'weights.bin')); symlinkSync('weights.bin', join(folder, 'link.bin')); }],
    ['by a hard link', 'hard.bin', (folder) => { canary(join(folder, 'weights.bin')); linkSync(join(folder, 'weights.bin'), join(folder, 'hard.bin')); }],
    ['with dots', 'sub/../weights.bin', (folder) => { mkdirSync(join(folder, 'sub')); canary(join(folder, 'weights.bin')); }],
    ['by an address', 'file:///etc/hostname', () => undefined],
    ['over the net', 'http://127.0.0.1:9/weights.bin', () => undefined],
    ['of the whole machine', '/dev/zero', () => undefined],
  ])('%s: never opened', (_, location, prepare) => {
    expect(attempt(pointing(location), prepare)).toMatchObject({ status: 69, code: 'external-data' });
  }); // prettier-ignore
});

test('a limit on the size of models', () => {
  const folder = tempFolder();
  const graph = graphOf({ node: [node('Identity', ['X'], ['Y'])], input: FLOATS, output: OUT });
  writeFileSync(join(folder, 'm.onnx'), writeModel(modelOf(graph, { note: 'n'.repeat(2000) })));
  writeFileSync(join(folder, 'in.csv'), 'X\n1\n');
  const scored = (size: string) =>
    spawnSync(process.execPath, [COMMAND, 'score', '-m', 'm.onnx', 'in.csv', '--max-model-size', size], { cwd: folder, encoding: 'utf8' });
  expect(scored('4KB')).toMatchObject({ status: 0, stdout: 'prediction\n1\n' });
  expect(scored('1KB')).toMatchObject({ status: 69, stderr: expect.stringMatching(/is too large: found \d+ bytes, expected at most 1024 bytes/) });
});
