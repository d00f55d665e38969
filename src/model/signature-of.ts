import { ModelError } from '../errors/errors.js';
import { classifyOutputs } from './classify.js';
import { openGraph } from './graph.js';
import type { TypeProto, ValueInfoProto } from './onnx/onnx_pb.js';
import { elementName, elementType, utf8 } from './onnx/read.js';
import type { ParsedModel } from './parse.js';
import { quoted } from './read-file.js';
import type { Dimension, OutputSpec, Signature, TensorSpec, ZipMapRewrite } from './signature.js';

/**
 * What a model declares, in its own order. An input that an initializer of the same name gives a value is a weight or a default, not an input.
 * Throws ModelError for what cannot be fed from rows or written as columns, naming the input or output: `no-inputs`, `no-outputs`,
 * `unsupported-type`, `unsupported-shape`, `unsupported-name`.
 */
export function signatureOf({ proto, graph }: ParsedModel, zipMaps: readonly ZipMapRewrite[], path: string): Signature {
  const edges = openGraph(graph);
  const required = graph.input.filter(({ name }) => !edges.initializers.has(name));
  if (required.length === 0)
    throw refusal('no-inputs', path, 'no inputs found, expected at least one that columns can feed', 'Export the model with its data as an input.');
  if (graph.output.length === 0)
    throw refusal('no-outputs', path, 'no outputs found, expected at least one', 'Export the model again with its predictions as outputs.');
  const zipped = new Map(zipMaps.map(({ tensor, classes }) => [tensor, classes]));
  const names = graph.output.map(({ name }) => name);
  const meanings = classifyOutputs(edges, names, zipped);
  const inputs = required.map((input) => tensorSpec(input, 'input', path));
  const outputs = graph.output.map((output, index): OutputSpec => {
    const spec = tensorSpec(output, 'output', path);
    const { width, ...meaning } = meanings[index] ?? { role: 'value', classes: undefined, width: undefined };
    refuseWidth(width ?? spec.shape?.[1], spec.name, path);
    // onnxruntime-common keeps outputs in an object that has this name already
    if (spec.name === '__proto__') throw refusal('unsupported-name', path, 'output "__proto__" cannot be asked for by that name', 'Rename it and export again.', spec.name); // prettier-ignore
    return { ...spec, ...meaning, shape: width === undefined || spec.shape?.length === 1 ? spec.shape : [spec.shape?.[0] ?? '', width] };
  });
  const fixedBatch = fixedBatchOf(inputs, path);
  if (fixedBatch !== undefined) refuseBatch(fixedBatch, inputs, path);
  return { inputs, outputs, fixedBatch, featureNames: featureNamesOf(proto.metadataProps) };
}

function tensorSpec(value: ValueInfoProto, side: 'input' | 'output', path: string): TensorSpec {
  const called = `${side} ${quoted(value.name)}`;
  const kind = value.type?.value;
  if (kind?.case !== 'tensorType') {
    throw refusal(
      'unsupported-type',
      path,
      `${called} is ${describeType(value.type)}, expected a tensor`,
      'Export the model so that it takes and gives plain tensors.',
      value.name,
    );
  }
  const type = elementType(kind.value.elemType);
  if (type === undefined) {
    const found = elementName(kind.value.elemType);
    throw refusal(
      'unsupported-type',
      path,
      `${called} is of type ${found}, expected a float, an integer, bool or string type`,
      'Put a Cast to float before or behind it and export again.',
      value.name,
    );
  }
  const shape = kind.value.shape?.dim.map(({ value: dim }): Dimension => (dim.case === 'dimValue' ? Number(dim.value) : (dim.value ?? '')));
  const fault = shape === undefined ? undefined : shapeFault(shape);
  if (fault !== undefined) {
    const expected = side === 'input' ? 'one value or one list of values a row' : 'one value or one list of values for each row';
    throw refusal(
      'unsupported-shape',
      path,
      `${called} has shape [${shape?.map((dim) => (dim === '' ? '?' : dim)).join(', ') ?? ''}]: ${fault}; expected [rows] or [rows, columns], ${expected}`,
      'Reshape it to two dimensions and export again.',
      value.name,
    );
  }
  return { name: value.name, type, shape };
}

function shapeFault(shape: readonly Dimension[]): string | undefined {
  if (shape.length === 0) return 'a single value has no rows';
  if (shape.length > 2) return `${shape.length} dimensions are not a table`;
  const wrong = shape.find((dim) => typeof dim === 'number' && (dim < 1 || dim > 2 ** 31));
  return wrong === undefined ? undefined : `a dimension cannot be ${wrong}`;
}

function describeType(type: TypeProto | undefined): string {
  switch (type?.value.case) {
    case 'sequenceType':
      return type.value.value.elemType?.value.case === 'mapType' ? 'a sequence of maps' : 'a sequence';
    case 'mapType':
      return 'a map';
    case 'optionalType':
      return 'an optional value';
    case 'sparseTensorType':
      return 'a sparse tensor';
    case 'opaqueType':
      return 'opaque';
    default:
      return 'of no declared type';
  }
}

/** Exporters often write the batch of their example into the file; every input has to agree on it. */
function fixedBatchOf(inputs: readonly TensorSpec[], path: string): number | undefined {
  const fixed = inputs.filter(({ shape }) => typeof shape?.[0] === 'number');
  const first = fixed[0];
  const other = fixed.find(({ shape }) => shape?.[0] !== first?.shape?.[0]);
  if (first === undefined) return undefined;
  if (other === undefined) return Number(first.shape?.[0]);
  const found = `inputs ${quoted(first.name)} and ${quoted(other.name)} ask for ${first.shape?.[0]} and ${other.shape?.[0]} rows`;
  throw refusal('unsupported-shape', path, `${found}; expected the same number`, 'Export the model with a free first dimension.', other.name);
}

/** Each of an output's columns gets a name. */
const MOST_COLUMNS = 1_000_000;
/** What one call of the model may take: rows, and values in all. */
const MOST_ROWS = 2 ** 22;
const MOST_VALUES = 2 ** 28;

function refuseWidth(width: Dimension | undefined, name: string, path: string): void {
  if (typeof width !== 'number' || width <= MOST_COLUMNS) return;
  const found = `output ${quoted(name)} gives ${width} values a row, expected at most ${MOST_COLUMNS}`;
  throw refusal('unsupported-shape', path, found, 'Export the model with fewer outputs.', name);
}

function refuseBatch(rows: number, inputs: readonly TensorSpec[], path: string): void {
  const values = inputs.reduce((sum, { shape }) => sum + rows * (typeof shape?.[1] === 'number' ? shape[1] : 1), 0);
  if (rows <= MOST_ROWS && values <= MOST_VALUES) return;
  const found = `it takes ${rows} rows and ${values} values at a time, expected at most ${MOST_ROWS} rows and ${MOST_VALUES} values`;
  throw refusal('unsupported-shape', path, found, 'Export the model with a free first dimension.');
}

function featureNamesOf(metadata: readonly { readonly key: string; readonly value: Uint8Array }[]): readonly string[] | undefined {
  const text = metadata.find(({ key }) => key === 'feature_names')?.value;
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(utf8(text));
    return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined; // Other tools keep other things under this key: then the order has to come from elsewhere.
  }
}

function refusal(code: string, path: string, message: string, fix: string, name?: string): ModelError {
  return new ModelError(code, `model ${quoted(path)}: ${message}`, { place: { file: path }, fix, details: name === undefined ? {} : { name } });
}
