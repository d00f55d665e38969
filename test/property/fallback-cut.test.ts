import { tableFromIPC } from 'apache-arrow';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';
import { writeModel } from '#src/model/onnx/read.js';
import { constant, graphOf, modelOf, node, value } from '../model/onnx-maker.js';
import { tempFolder } from '../support/command.js';
import { LONG } from '../support/long.js';
import '../support/warm.js';

/** p = [x, 1 - x] for the classes no and yes; throws where index is above 2, and cannot decide where x is missing. */
const MODEL = writeModel(
  modelOf(
    graphOf({
      input: [value('x', 1, ['', 1]), value('index', 7, ['', 1])],
      output: [value('label', 7, ['', 1]), value('p', 1, ['', 2])],
      initializer: [constant('one', [1]), constant('zeros', [0, 0, 0])],
      node: [
        node('Gather', ['zeros', 'index'], ['zero']),
        node('Add', ['x', 'zero'], ['no']),
        node('Sub', ['one', 'no'], ['yes']),
        node('Round', ['yes'], ['rounded']),
        node('Cast', ['rounded'], ['label'], [['to', 7n]]),
        node('Concat', ['no', 'yes'], ['p'], [['axis', 1n]]),
      ],
    }),
  ),
);

const RULES = `version: scoreline.rules/1
columns: { color: text, x: number }
outputs: { probability_yes: number, prediction: text, probability_no: number }
rules:
  - when: color == "red"
    then: { prediction: "yes", probability_no: 0.125, probability_yes: 0.875 }
  - when: isMissing(x)
    then: { prediction: "no", probability_no: 1, probability_yes: 0 }
  - then: { prediction: "no", probability_no: 0.5, probability_yes: 0.5 }
`;

interface Row {
  readonly x: string;
  readonly index: number;
  readonly color: string;
}

/** What becomes of a row, by the definitions above; undefined: a reject. */
function expected({ x, index, color }: Row, id: number): string | undefined {
  if (x === 'word') return undefined;
  if (index > 2 || x === '') return `${id},${color === 'red' ? 'yes,0.125,0.875' : x === '' ? 'no,1,0' : 'no,0.5,0.5'},fallback`;
  return `${id},${Number(x) > 0.5 ? 'no' : 'yes'},${x},${1 - Number(x)},model`;
}

const rows = fc.array(
  fc.record({
    x: fc.constantFrom('0.25', '0.75', '0.125', '', 'word'),
    index: fc.constantFrom(0, 1, 2, 0, 1, 9),
    color: fc.constantFrom('red', 'blue'),
  }),
  { minLength: 1, maxLength: 80 },
);
const cut = fc.record({
  chunkBytes: fc.constantFrom(1, 60, 500, 1 << 20),
  workers: fc.integer({ min: 1, max: 2 }),
  batchRows: fc.constantFrom(1, 8, 64),
});

test('rows that a fallback scores come out the same however the work is cut: labels and probabilities, who scored them, as CSV and as Arrow', async () => {
  const folder = tempFolder();
  const at = (name: string): string => join(folder, name);
  const model = { sha256: createHash('sha256').update(MODEL).digest('hex') };
  writeFileSync(at('m.onnx'), MODEL);
  writeFileSync(at('m.contract.json'), JSON.stringify({ version: 'scoreline.contract/1', model, classes: ['no', 'yes'] }));
  writeFileSync(at('safe.rules.yaml'), RULES);
  const common = { label: 'argmax', keep: ['id'], scoredBy: 'by', fallback: { model: at('safe.rules.yaml') }, journal: false } as const;
  const limits = { maxRejects: { kind: 'rows', rows: 100 }, allowEmpty: true } as const;
  const options: Omit<ScoreOptions, 'output'> = { model: at('m.onnx'), input: at('in.csv'), ...common, ...limits };
  await fc.assert(
    fc.asyncProperty(rows, cut, async (table, how) => {
      writeFileSync(at('in.csv'), `id,x,index,color\n${table.map(({ x, index, color }, id) => `${id},${x},${index},${color}\n`).join('')}`);
      const lines = table.flatMap((row, id) => expected(row, id) ?? []);
      const summary = await score({ ...options, ...how, output: at('out.csv') });
      expect(readFileSync(at('out.csv'), 'utf8').trim().split('\n')).toEqual(['id,prediction,probability_no,probability_yes,by', ...lines]);
      expect([summary.scored, summary.byFallback ?? 0]).toEqual([lines.length, lines.filter((line) => line.endsWith('fallback')).length]);

      const arrow = await Promise.all(
        [how.workers, 3 - how.workers].map(async (workers) => {
          const output = at(`${workers}.arrow`);
          await score({ ...options, ...how, workers, output });
          return readFileSync(output);
        }),
      );
      expect(arrow[0]?.equals(arrow[1] ?? Buffer.alloc(0))).toBe(true);
      const cells = tableFromIPC(arrow[0]).toArray().map((row) => Object.values(row?.toJSON() as object).join(','));
      expect(cells).toEqual(lines);
    }),
    { numRuns: LONG ? 60 : 5 },
  );
}, 120_000); // prettier-ignore
