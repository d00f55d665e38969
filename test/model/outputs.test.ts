import { describe, expect, test } from 'vitest';
import type { ElementArray, ElementType } from '#src/batch/element.js';
import { ScorelineError } from '#src/errors/errors.js';
import { observeWidths, openCollector } from '#src/model/collect.js';
import { planOutputs, unknownWidths, type OutputOptions } from '#src/model/outputs.js';
import type { Dimension, OutputSpec, Signature } from '#src/model/signature.js';

function output(
  name: string,
  type: ElementType,
  shape: readonly Dimension[] | undefined,
  role: OutputSpec['role'] = 'value',
  classes?: string[],
): OutputSpec {
  return { name, type, shape, role, classes };
}
const model = (...outputs: OutputSpec[]): Signature => ({ inputs: [], outputs, fixedBatch: undefined, featureNames: undefined });
const label = (classes?: string[], type: ElementType = 'int64'): OutputSpec => output('l', type, [''], 'label', classes);
const matrix = (classes: string[] | undefined, width: number | string = classes?.length ?? ''): OutputSpec =>
  output('p', 'float32', ['', width], 'probabilities', classes);
const BOTH = model(label(['0', '1']), matrix(['0', '1']));

const columns = (signature: Signature, options?: OutputOptions): string[] =>
  planOutputs(signature, options).fields.map(({ name, type }) => `${name}:${type}`);

function fault(signature: Signature, options?: OutputOptions): [string, number] {
  try {
    planOutputs(signature, options);
  } catch (error) {
    if (error instanceof ScorelineError) return [error.code, error.status];
  }
  return ['planned', 0];
}

describe('columns', () => {
  test.each<[string, Signature, OutputOptions, string[]]>([
    ['classifier', BOTH, {}, ['prediction:int64', 'probability_0:float32', 'probability_1:float32']],
    [
      'probabilities first',
      model(matrix(['a', 'b']), label(['a', 'b'], 'string')),
      {},
      ['prediction:string', 'probability_a:float32', 'probability_b:float32'],
    ],
    ['label only', model(label(['0', '1'])), {}, ['prediction:int64']],
    ['probabilities only', model(matrix(['a', 'b'])), {}, ['probability_a:float32', 'probability_b:float32']],
    [
      'probabilities only, argmax',
      model(matrix(['a', 'b'])),
      { label: 'argmax' },
      ['prediction:string', 'probability_a:float32', 'probability_b:float32'],
    ],
    ['regressor [N,1]', model(output('y', 'float64', ['', 1])), {}, ['prediction:float64']],
    ['regressor [N]', model(output('y', 'float32', [''])), {}, ['prediction:float32']],
    ['one string', model(output('farbe', 'string', ['', 1])), {}, ['farbe:string']],
    ['one matrix', model(output('y', 'float32', ['', 2])), {}, ['y_0:float32', 'y_1:float32']],
    ['several values', model(output('sum', 'float32', ['', 1]), output('y', 'float32', ['', 2])), {}, ['sum:float32', 'y_0:float32', 'y_1:float32']],
    [
      'raw scores',
      model(label(['a', 'b', 'c'], 'string'), output('s', 'float32', ['', 3], 'value', ['a', 'b', 'c'])),
      {},
      ['prediction:string', 's_a:float32', 's_b:float32', 's_c:float32'],
    ],
    [
      'classes without names',
      model(label(), matrix(undefined, 3)),
      {},
      ['prediction:int64', 'probability_0:float32', 'probability_1:float32', 'probability_2:float32'],
    ],
    ['one column for two classes', model(label(['0', '1']), matrix(['0', '1'], 1)), {}, ['prediction:int64', 'p:float32']],
    [
      'two classifiers',
      model(label(['0', '1']), output('m', 'string', [''], 'label', ['x']), matrix(['0', '1'])),
      {},
      ['l:int64', 'm:string', 'p_0:float32', 'p_1:float32'],
    ],
    ['a prefix', BOTH, { prefix: 'm1_' }, ['m1_prediction:int64', 'm1_probability_0:float32', 'm1_probability_1:float32']],
    ["the contract's classes", BOTH, { classes: ['no', 'yes'] }, ['prediction:string', 'probability_no:float32', 'probability_yes:float32']],
    [
      "a contract's classes that are the model's own: whole numbers stay numbers",
      BOTH,
      { classes: ['0', '1'] },
      ['prediction:int64', 'probability_0:float32', 'probability_1:float32'],
    ],
    [
      'a classifier by contract',
      model(output('out', 'float32', ['', 2])),
      { classes: ['no', 'yes'] },
      ['probability_no:float32', 'probability_yes:float32'],
    ],
    ['a width that was observed', model(output('y', 'float32', undefined)), { widths: { y: 2 } }, ['y_0:float32', 'y_1:float32']],
    ['an output without a name', model(output('', 'float32', ['', 2])), {}, ['output_0_0:float32', 'output_0_1:float32']],
  ])('%s', (_, signature, options, expected) => expect(columns(signature, options)).toEqual(expected));

  test.each<[string, Signature, OutputOptions, string, number]>([
    ['names that clash', model(output('y_0', 'float32', ['']), output('y', 'float32', ['', 2])), {}, 'duplicate-result', 69],
    ['a contract with too few classes', BOTH, { classes: ['only'] }, 'class-count', 78],
    ['a contract with classes for a regressor', model(output('y', 'float32', ['', 1])), { classes: ['a', 'b'] }, 'class-count', 78],
    [
      'a contract that calls a class otherwise than the model',
      model(label(['no', 'yes']), matrix(['no', 'yes'])),
      { classes: ['yes', 'no'] },
      'class-contradiction',
      78,
    ],
    ['a contract that gives numbers in another order', BOTH, { classes: ['1', '0'] }, 'class-contradiction', 78],
    ['a contract with a class twice', BOTH, { classes: ['a', 'a'] }, 'duplicate-class', 78],
    ['a contract for two classifiers', model(label(['0']), label(['1'])), { classes: ['a'] }, 'classes-ambiguous', 78],
    ['argmax of nothing', model(label(['0', '1'])), { label: 'argmax' }, 'no-probabilities', 64],
    ['a threshold for three classes', model(matrix(['a', 'b', 'c'])), { threshold: 0.5 }, 'two-classes', 64],
    ['a threshold beyond 1', BOTH, { threshold: 50 }, 'threshold-range', 64],
    ['an unknown positive class', BOTH, { threshold: 0.5, positiveClass: 'yes' }, 'unknown-class', 64],
    ['a width that nothing gives', model(output('y', 'float32', undefined)), {}, 'output-width-unknown', 69],
  ])('refused: %s', (_, signature, options, code, status) => expect(fault(signature, options)).toEqual([code, status]));

  test('which widths have to be observed', () => {
    expect(unknownWidths(model(label(), matrix(['a', 'b'], 2), output('y', 'float32', undefined), output('z', 'float32', ['N', ''])))).toEqual([
      'y',
      'z',
    ]);
  });
});

describe('values', () => {
  const block = { at: 0, rows: 3, size: 4, bad: new Map<number, string>() };
  const labels = { type: 'int64', dims: [4], values: BigInt64Array.of(0n, 1n, 1n, 0n) } as const;
  const scores = { type: 'float32', dims: [4, 2], values: Float32Array.of(0.75, 0.25, 0.5, 0.5, 0.625, 0.375, 9, 9) } as const;

  function collect(options: OutputOptions = {}, outputs: Parameters<ReturnType<typeof openCollector>['put']>[0] = [labels, scores], at = block) {
    const collector = openCollector(planOutputs(BOTH, options));
    collector.start(at.at + at.rows);
    collector.put(outputs, at);
    return { ...collector.counts(), columns: collector.finish().map(({ values }) => Array.from(values as ElementArray & Iterable<unknown>)) };
  }

  test('as the model gives them, the padding left out; a tie is no contradiction', () => {
    expect(collect()).toEqual({
      labelContradictions: 1,
      columns: [
        [0n, 1n, 1n],
        [0.75, 0.5, 0.625],
        [0.25, 0.5, 0.375],
      ],
    });
  });

  test.each<[string, OutputOptions, unknown[]]>([
    ['argmax', { label: 'argmax' }, [0n, 0n, 0n]],
    ['threshold', { threshold: 0.375 }, [0n, 1n, 1n]],
    ['threshold of the first class', { threshold: 0.7, positiveClass: '0' }, [0n, 1n, 1n]],
    ["the contract's names", { classes: ['no', 'yes'] }, ['no', 'yes', 'yes']],
    ["a threshold on the contract's names", { classes: ['no', 'yes'], threshold: 0.5, positiveClass: 'yes' }, ['no', 'yes', 'no']],
    ['the label against a threshold that the contract has', { label: 'model', threshold: 0.1 }, [0n, 1n, 1n]],
  ])('decided by %s', (_, options, expected) => expect(collect(options).columns[0]).toEqual(expected));

  test("no class is decided from NaN; rows that failed are left out; the model's own label stands", () => {
    const spoilt = { ...scores, values: Float32Array.of(NaN, 0.25, 0.5, NaN, 0.625, 0.375, NaN, NaN) };
    const undecidedBy = (options: OutputOptions, bad = new Map<number, string>()) => {
      const collector = openCollector(planOutputs(BOTH, options));
      collector.start(3);
      collector.put([labels, spoilt], { ...block, bad });
      return [...collector.undecided().keys()];
    };
    expect([undecidedBy({ label: 'argmax' }), undecidedBy({ threshold: 0.5 }), undecidedBy({}), undecidedBy({ label: 'argmax' }, new Map([[0, 'failed']]))]).toEqual([[0, 1], [0, 1], [], [1]]); // prettier-ignore
  });

  test('a threshold is reached by the value nearest to it in the precision of the scores', () => {
    const close = { ...scores, values: Float32Array.of(0.3, 0.7, 0.30000004, 0.69999999, 0.31, 0.69, 0, 0) };
    expect(collect({ threshold: 0.7 }, [labels, close]).columns[0]).toEqual([1n, 1n, 0n]);
  });

  test('labels of any size find their class, and contradict it', () => {
    const far = 2n ** 40n;
    const collector = openCollector(planOutputs(model(label(['-1', '300', String(far)]), matrix(['-1', '300', String(far)]))));
    collector.start(4);
    const values = Float32Array.of(0.5, 0.25, 0.25, 0.5, 0.25, 0.25, 0, 0, 1, 1, 0, 0);
    collector.put(
      [
        { ...labels, values: BigInt64Array.of(-1n, 300n, far, far) },
        { type: 'float32', dims: [4, 3], values },
      ],
      { ...block, rows: 4 },
    );
    expect([collector.finish()[0]?.values, collector.counts().labelContradictions]).toEqual([BigInt64Array.of(-1n, 300n, far, far), 2]);
  });

  test('of a shorter batch after a longer one are its own', () => {
    const collector = openCollector(planOutputs(BOTH));
    for (const rows of [4, 2, 3]) {
      collector.start(rows);
      collector.put([labels, scores], { ...block, rows });
      expect(collector.finish().map(({ values }) => values.length)).toEqual([rows, rows, rows]);
      expect(collector.finish()[1]?.values).toEqual(Float32Array.of(0.75, 0.5, 0.625, 9).subarray(0, rows));
    }
  });

  test('blocks one after the other', () => {
    const collector = openCollector(planOutputs(BOTH));
    collector.start(7);
    collector.put([labels, scores], { ...block, rows: 4 });
    collector.put([labels, scores], { ...block, at: 4 });
    expect(collector.finish()[0]?.values).toEqual(BigInt64Array.of(0n, 1n, 1n, 0n, 0n, 1n, 1n));
    expect(collector.counts().labelContradictions).toBe(2);
  });

  test.each([
    ['other rows', 'rows-changed', [{ ...labels, dims: [3], values: labels.values.slice(0, 3) }, scores]],
    ['no rows', 'rows-changed', [{ ...labels, dims: [], values: labels.values.slice(0, 1) }, scores]],
    ['another width', 'output-shape', [labels, { ...scores, dims: [4, 1], values: scores.values.slice(0, 4) }]],
    ['three dimensions', 'output-shape', [labels, { ...scores, dims: [4, 2, 1] }]],
  ])('%s: %s', (_, code, outputs) => {
    expect(() => collect({}, outputs)).toThrow(expect.objectContaining({ code, status: 69 }));
  });

  test('a label that is no class', () => {
    const odd = { ...labels, values: BigInt64Array.of(0n, 7n, 1n, 0n) };
    expect(() => collect({ classes: ['no', 'yes'] }, [odd, scores])).toThrow(expect.objectContaining({ code: 'unknown-label' }));
  });

  test('widths observed', () => {
    const observer = observeWidths(BOTH);
    observer.put([labels, scores], block);
    expect(observer.widths()).toEqual({ l: 1, p: 2 });
  });
});
