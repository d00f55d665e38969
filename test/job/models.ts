import { create, toBinary } from '@bufbuild/protobuf';
import { TensorProtoSchema, type NodeProto } from '#src/model/onnx/onnx_pb.js';
import { writeModel } from '#src/model/onnx/read.js';
import { constant, graphAttribute, graphOf, modelOf, node, value } from '../model/onnx-maker.js';

/** At and above this X, a model of this file gives X back; below it, it loops for ever. */
export const PATIENCE = 1000;

const X = [value('X', 1, ['', 1])];
const Y = [value('Y', 1, ['', 1])];
const YES = toBinary(TensorProtoSchema, create(TensorProtoSchema, { name: 'yes', dataType: 9, int32Data: [1] }));

/** A loop that goes on while the largest of `from` is below the limit; nothing changes it on the way. */
function loopWhileBelow(from: string, to: string): NodeProto {
  const loop = node('Loop', ['', 'yes', from], [to]);
  const body = graphOf({
    node: [node('ReduceMax', ['acc'], ['peak'], [['keepdims', 0n]]), node('Less', ['peak', 'limit'], ['goes']), node('Identity', ['acc'], ['next'])],
    input: [value('i', 7, []), value('go', 9, []), value('acc', 1)],
    output: [value('goes', 9, []), value('next', 1)],
  });
  loop.attribute.push(graphAttribute('body', body));
  return loop;
}

/** Native code that never comes back, for rows below PATIENCE: what a loop does shows only when it runs. */
export function endlessModel(): Uint8Array {
  return writeModel(modelOf(graphOf({ node: [loopWhileBelow('X', 'Y')], input: X, output: Y, initializer: [YES, constant('limit', [PATIENCE])] })));
}

/** The same, while it holds `bytes` of memory that are not in its file. */
export function hungryModel(bytes: number): Uint8Array {
  const nodes = [
    node('ReduceMax', ['X'], ['most'], [['keepdims', 0n]]),
    node('Mul', ['most', 'zero'], ['none']),
    node('Cast', ['none'], ['added'], [['to', 7n]]),
    node('Add', ['added', 'size'], ['shape']), // not known before a row comes
    node('ConstantOfShape', ['shape'], ['held']),
    loopWhileBelow('X', 'looped'),
    node('ReduceMax', ['held'], ['top'], [['keepdims', 0n]]),
    node('Add', ['looped', 'top'], ['Y']),
  ];
  const initializer = [YES, constant('limit', [PATIENCE]), constant('zero', [0]), constant('size', [BigInt(bytes / 4)])];
  return writeModel(modelOf(graphOf({ node: nodes, input: X, output: Y, initializer })));
}
