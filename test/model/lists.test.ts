import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { floatList, intList, wordList } from '#src/model/onnx/lists.js';
import { AttributeHeadSchema } from '#src/model/onnx/onnx_pb.js';
import { attributeHead, attributeName, attributeOf, readModel, utf8 } from '#src/model/onnx/read.js';
import { graphAttribute, graphOf, node } from './onnx-maker.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const MODELS = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'LEAF'];

describe('lists of attributes', () => {
  test.each(MODELS)('of %s are those that the reader of messages gives', (name) => {
    const nodes = readModel(readFileSync(join(FIXTURES, name))).graph?.node ?? [];
    expect(nodes.length).toBeGreaterThan(0);
    for (const each of nodes) {
      for (const bytes of each.attribute) {
        const attribute = attributeName(bytes);
        const read = attributeOf(each, attribute);
        expect(Array.from(floatList(each, attribute) ?? [])).toEqual(read?.floats);
        expect(Array.from(intList(each, attribute) ?? [])).toEqual(read?.ints.map(Number));
        expect(Array.from(wordList(each, attribute, MODES) ?? [])).toEqual(read?.strings.map((text) => MODES.indexOf(utf8(text))));
        expect(attributeHead(bytes)).toEqual(fromBinary(AttributeHeadSchema, bytes, { readUnknownFields: false }));
      }
    }
  });

  test('packed into one field they are the same, and negative numbers keep their sign', () => {
    const made = node('A', [], []);
    const name = [0x0a, 1, 0x78];
    made.attribute = [Uint8Array.of(...name, 0x42, 12, 5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 7, 0x3a, 4, 0, 0, 0xc0, 0x3f)];
    expect(Array.from(intList(made, 'x') ?? [])).toEqual([5, -1, 7]);
    expect(Array.from(floatList(made, 'x') ?? [])).toEqual([1.5]);
    expect(intList(made, 'y')).toBeUndefined();
  });

  test('a graph beside a list is found, and what is cut short is an error', () => {
    const body = graphAttribute('body', graphOf({ node: [node('Add', ['a', 'b'], ['c'])] }));
    const list = Uint8Array.of(0x40, 5, 0x40, 6);
    expect(attributeHead(Buffer.concat([list, body, list])).g?.node).toHaveLength(1);
    expect(() => attributeHead(Buffer.concat([list, body.subarray(0, 12)]))).toThrow();
    const cut = node('A', [], []);
    cut.attribute = [Uint8Array.of(0x0a, 1, 0x78, 0x42, 12, 5)];
    expect(() => intList(cut, 'x')).toThrow(RangeError);
  });
});
