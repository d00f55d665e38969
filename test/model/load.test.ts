import { chmod, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelError } from '#src/errors/errors.js';
import { codeStrings } from '#src/model/codes/code-strings.js';
import { inspectModel } from '#src/model/inspect.js';
import { loadModel, readLate } from '#src/model/load.js';
import { readModel, writeModel } from '#src/model/onnx/read.js';
import { AttributeHeadSchema, GraphProtoSchema, NodeProtoSchema, SparseTensorHeadSchema, TensorHeadSchema } from '#src/model/onnx/onnx_pb.js';
import { constant, graphOf, linearClassifier, modelOf, node, value } from './onnx-maker.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const ADULT = join(FIXTURES, 'adult/adult.onnx');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scoreline-models-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fault(path: string): Promise<ModelError> {
  const error: unknown = await loadModel(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ModelError);
  return error as ModelError;
}

async function faultOf(content: string | Uint8Array): Promise<ModelError> {
  const path = join(folder, 'some.onnx');
  await writeFile(path, content);
  return fault(path);
}

describe('a file that is there', () => {
  test('has the digest and the size of the file, and the bytes of it', async () => {
    const path = join(FIXTURES, 'california/california-linear.onnx');
    const bytes = await readFile(path);
    const model = await loadModel(path);
    expect(model.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect([model.sizeBytes, model.zipMaps]).toEqual([bytes.length, []]);
    expect(Buffer.compare(model.bytes, bytes)).toBe(0);
  });

  test('a digest of the file as it is, also where ZipMap had to go', async () => {
    const model = await loadModel(ADULT);
    expect(model.sha256).toBe(createHash('sha256').update(await readFile(ADULT)).digest('hex')); // prettier-ignore
    expect(model.zipMaps).toEqual([{ output: 'output_probability', tensor: 'probabilities', classes: ['<=50K', '>50K'] }]);
  });
});

describe('a file that cannot be read', () => {
  test.each([
    ['missing', 'not-there.onnx', 'model-missing', 66],
    ['below a file', 'plain/x.onnx', 'model-missing', 66],
    ['a folder', 'folder', 'model-not-a-file', 69],
    ['beyond 2 GiB', 'huge', 'model-too-large', 69],
  ])('%s', async (_, name, code, status) => {
    await writeFile(join(folder, 'plain'), '');
    await mkdir(join(folder, 'folder'), { recursive: true });
    await writeFile(join(folder, 'huge'), '');
    await truncate(join(folder, 'huge'), 2 ** 31);
    const error = await fault(join(folder, name));
    expect([error.code, error.status, error.place.file]).toEqual([code, status, join(folder, name)]);
  });

  test.skipIf(process.getuid?.() === 0)('not for us', async () => {
    const path = join(folder, 'secret.onnx');
    await writeFile(path, 'x');
    await chmod(path, 0);
    expect(await fault(path)).toMatchObject({ code: 'model-permission', status: 77 });
  });
});

describe('a file that is something else is named', () => {
  test.each<[string, string | Uint8Array]>([
    ['an empty file', ''],
    ['a gzip file', gzipSync('model')],
    ['a zip file', 'PK\x03\x04rest'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 5\n'],
    ['an HTML page', '\n<!DOCTYPE html><html><body>404</body></html>'],
    ['JSON', '{"a": 1}'],
    ['an XGBoost JSON model', '{"learner":{}}'],
    ['a LightGBM text model', 'tree\nversion=v4\n'],
    ['text', 'Größe, Wert\n1, 2\n'],
    ['a Python pickle', Buffer.from([0x80, 4, 0x95, 1, 0, 0])],
    ['an HDF5 file', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')],
    ['no protobuf message', Buffer.from([8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['without a graph', Buffer.from([0x08, 0x07])],
  ])('%s', async (found, content) => {
    const error = await faultOf(content);
    expect([error.code, error.status]).toEqual(['not-a-model', 69]);
    expect(error.message).toContain(found);
    expect(error.fix).toBeTruthy();
  });

  test('a cut file, with how long it must have been', async () => {
    const bytes = await readFile(ADULT);
    const error = await faultOf(bytes.subarray(0, 1000));
    expect(error.message).toMatch(/found the first 1000 bytes of at least 4[67]\d\d$/);
  });
});

test('an attribute that is cut short is found whoever reads it first: the facts, or the coder of strings', async () => {
  const encoder = node('OneHotEncoder', ['S'], ['Y'], [['cats_strings', ['red', 'green']]], 'ai.onnx.ml');
  const scaler = node('Scaler', ['X'], ['Z'], [['scale', [1, 2, 3]]], 'ai.onnx.ml');
  for (const broken of [encoder, scaler]) broken.attribute = broken.attribute.map((bytes) => bytes.subarray(0, -1));
  const path = join(folder, 'broken.onnx');
  await writeFile(path, writeModel(modelOf(graphOf({ node: [scaler], output: [value('Z', 1)] }))));
  await expect(inspectModel(path)).rejects.toMatchObject({ code: 'not-a-model', status: 69, place: { file: path } });
  const strings = writeModel(modelOf(graphOf({ node: [encoder], input: [value('S', 8, ['', 1])], output: [value('Y', 1)] })));
  expect(() => readLate(path, () => codeStrings(strings))).toThrow(expect.objectContaining({ code: 'not-a-model', place: { file: path } }));
});

describe('weights in other files are refused, wherever they hide', () => {
  const external = { name: 'W', dataLocation: 1, externalData: [{ key: 'location', value: Buffer.from('../weights.bin') }] };
  const tensor = toBinary(TensorHeadSchema, create(TensorHeadSchema, external));
  const within = (head: Parameters<typeof create<typeof AttributeHeadSchema>>[1]): Uint8Array =>
    toBinary(AttributeHeadSchema, create(AttributeHeadSchema, head));
  const nodeWith = (attribute: Uint8Array) => create(NodeProtoSchema, { opType: 'If', output: ['Y'], attribute: [attribute] });
  const inner = create(GraphProtoSchema, { initializer: [tensor] });
  const output = [value('Y', 1, ['', 1])];
  const sparse = { values: external };

  test.each<[string, ReturnType<typeof graphOf>]>([
    ['initializer', graphOf({ initializer: [tensor], output })],
    ['attribute', graphOf({ node: [nodeWith(within({ name: 'value', t: external }))], output })],
    ['list of tensors', graphOf({ node: [nodeWith(within({ name: 'values', tensors: [external] }))], output })],
    ['sparse attribute', graphOf({ node: [nodeWith(within({ name: 'value', sparseTensor: sparse }))], output })],
    ['subgraph', graphOf({ node: [nodeWith(within({ name: 'then_branch', g: inner }))], output })],
    ['list of subgraphs', graphOf({ node: [nodeWith(within({ name: 'branches', graphs: [inner] }))], output })],
    [
      'sparse initializer',
      create(GraphProtoSchema, {
        ...graphOf({ output }),
        sparseInitializer: [toBinary(SparseTensorHeadSchema, create(SparseTensorHeadSchema, sparse))],
      }),
    ],
  ])('%s', async (_, graph) => {
    const error = await faultOf(writeModel(modelOf(graph)));
    expect([error.code, error.status, error.details['location']]).toEqual(['external-data', 69, '../weights.bin']);
  });

  test('function, subgraph of a function', async () => {
    for (const attribute of [within({ name: 'value', t: external }), within({ name: 'then_branch', g: inner })]) {
      const model = modelOf(graphOf({ output }));
      model.functions = [{ $typeName: 'scoreline.onnx.FunctionProto', name: 'f', domain: 'd', node: [nodeWith(attribute)], attributeProto: [] }];
      expect((await faultOf(writeModel(model))).code).toBe('external-data');
    }
  });

  test('a tensor given in two pieces, as a merging reader sees it', async () => {
    // One attribute, its tensor twice: first the location, then an innocent rest.
    const twice = Buffer.concat([within({ name: 'value', t: external }), within({ t: { name: 'innocent' } })]);
    expect((await faultOf(writeModel(modelOf(graphOf({ node: [nodeWith(twice)], output }))))).code).toBe('external-data');
  });

  test('subgraphs without end', async () => {
    let graph = create(GraphProtoSchema, { name: 'innermost' });
    for (let depth = 0; depth < 70; depth++) graph = create(GraphProtoSchema, { node: [nodeWith(within({ name: 'then_branch', g: graph }))] });
    expect((await faultOf(writeModel(modelOf(graphOf({ node: graph.node, output }))))).code).toBe('not-a-model');
  });
});

test('rewriting keeps what is not known', async () => {
  const model = modelOf(
    graphOf({
      node: [linearClassifier(['a', 'b']), node('ZipMap', ['scores'], ['maps'], [['classlabels_strings', ['a', 'b']]], 'ai.onnx.ml')],
      output: [value('label', 8, ['']), { ...value('maps', 1), type: undefined }],
      initializer: [constant('W', [1, 2, 3])],
    }),
  );
  const unknown = Buffer.from([0xda, 0x3e, 3, 1, 2, 3]); // field 1003, bytes
  const path = join(folder, 'unknown.onnx');
  await writeFile(path, Buffer.concat([writeModel(model), unknown]));
  const { bytes, zipMaps } = await loadModel(path);
  expect(zipMaps).toHaveLength(1);
  expect(readModel(bytes).$unknown).toMatchObject([{ no: 1003, data: new Uint8Array([3, 1, 2, 3]) }]);
});

test('bytes of any kind give a model or a ModelError', async () => {
  const originals = await Promise.all(['adult/adult.onnx', 'types/two-outputs.onnx', 'types/string-out.onnx'].map((name) => readFile(join(FIXTURES, name)))); // prettier-ignore
  const path = join(folder, 'mutant.onnx');
  const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.option(fc.nat(), { freq: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...originals), fc.array(mutation, { minLength: 1, maxLength: 6 }), async (original, mutations) => {
      let bytes = Uint8Array.from(original);
      for (const { at, byte, cut } of mutations) {
        if (cut !== null) bytes = bytes.slice(0, cut % (bytes.length + 1));
        else if (bytes.length > 0) bytes[at % bytes.length] = byte;
      }
      await writeFile(path, bytes);
      const outcome: unknown = await loadModel(path).catch((error: unknown) => error);
      expect(outcome instanceof ModelError || !(outcome instanceof Error)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
