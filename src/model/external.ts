import { ModelError } from '../errors/errors.js';
import { eachGraph, eachSubgraph } from './graph.js';
import { attributeHead, sparseTensorHead, tensorHead, utf8 } from './onnx/read.js';
import type { NodeProto, SparseTensorHead, TensorHead } from './onnx/onnx_pb.js';
import type { ParsedModel } from './parse.js';
import { quoted } from './read-file.js';

/** ONNX's TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/**
 * Refuses a model whose weights stand in other files: a model is one file with one digest, and the runtime would look for the others from
 * wherever the process happens to be. Looks at initializers, sparse ones and tensors in attributes, in the graph, its subgraphs and the model's
 * functions. Throws ModelError `external-data`.
 */
export function refuseExternalData({ proto, graph }: ParsedModel, path: string): void {
  const check = (tensor: TensorHead | undefined): void => {
    if (tensor !== undefined && (tensor.dataLocation === EXTERNAL || tensor.externalData.length > 0)) throw refusal(tensor, path);
  };
  const sparse = (tensor: SparseTensorHead | undefined): void => {
    check(tensor?.values);
    check(tensor?.indices);
  };
  const attribute = (bytes: Uint8Array): void => {
    const head = attributeHead(bytes);
    check(head.t);
    head.tensors.forEach(check);
    sparse(head.sparseTensor);
    head.sparseTensors.forEach(sparse);
  };
  const nodes = (list: readonly NodeProto[]): void => list.forEach((node) => node.attribute.forEach(attribute));
  const visit = (inner: ParsedModel['graph']): void => {
    for (const bytes of inner.initializer) check(tensorHead(bytes));
    for (const bytes of inner.sparseInitializer) sparse(sparseTensorHead(bytes));
    nodes(inner.node);
  };
  eachGraph(graph, visit);
  for (const fn of proto.functions) {
    nodes(fn.node);
    eachSubgraph(fn.node, visit);
    fn.attributeProto.forEach(attribute);
  }
}

function refusal(tensor: TensorHead, path: string): ModelError {
  const entry = tensor.externalData.find(({ key }) => key === 'location');
  const location = entry === undefined ? undefined : utf8(entry.value);
  const where = location === undefined ? 'another file' : quoted(location);
  return new ModelError(
    'external-data',
    `model ${quoted(path)} keeps tensor ${quoted(tensor.name)} in ${where}; expected one file that holds all weights`,
    {
      place: { file: path },
      fix: 'Save it as one file, in Python: onnx.save(onnx.load("model.onnx"), "one-file.onnx", save_as_external_data=False)',
      details: { tensor: tensor.name, location: location ?? null },
    },
  );
}
