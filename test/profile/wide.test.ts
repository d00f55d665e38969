import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, describe, expect, test } from 'vitest';
import { parseContract } from '#src/contract/load.js';
import { contractText } from '#src/contract/write.js';
import { score } from '#src/index.js';
import { ModelProtoSchema } from '#src/model/onnx/onnx_pb.js';
import { cellsOf } from '#src/profile/spec.js';
import { makeContract } from '#src/run/profile/make-contract.js';
import { profileData } from '#src/run/profile/profile-data.js';
import { graphOf, modelOf, node, value } from '../model/onnx-maker.js';

const folder = mkdtempSync(join(tmpdir(), 'scoreline-wide-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** More than runs without a baseline profile. */
const COLUMNS = 600;
const names = Array.from({ length: COLUMNS }, (_, index) => `f${index}`);

/** Rows of numbers of one spread, but for one column. */
function rowsText(shifted?: number): string {
  const rows = Array.from({ length: 400 }, (_, row) =>
    names.map((_, column) => ((row * 7919 + column * 104_729) % 997) / 8 + (column === shifted ? 80 : 0)),
  );
  return [names.join(','), ...rows.map((row) => row.join(','))].join('\n') + '\n';
}

describe('a table of very many columns', () => {
  test('is profiled whole, and scored by the contract: the column that has drifted is told', async () => {
    const mean = graphOf({
      node: [node('ReduceMean', ['X'], ['Y'], [['axes', [1n]]])],
      input: [value('X', 1, ['', COLUMNS])],
      output: [value('Y', 1, ['', 1])],
    });
    writeFileSync(at('m.onnx'), toBinary(ModelProtoSchema, modelOf(mean, { feature_names: JSON.stringify(names) })));
    writeFileSync(at('train.csv'), rowsText());
    writeFileSync(at('later.csv'), rowsText(17));
    const data = await profileData({
      options: { model: at('m.onnx'), input: at('train.csv') },
      contract: undefined,
      target: undefined,
      ids: [],
      date: undefined,
    });
    const text = contractText(makeContract({ data, ids: [], target: undefined, source: 'train.csv', at: new Date(0) }));
    const contract = await parseContract(Buffer.from(text), 'm.contract.json');
    expect(contract.schema?.fields.map(({ name }) => name)).toEqual(names);
    expect(contract.baseline?.columns).toHaveLength(COLUMNS);
    writeFileSync(at('m.contract.json'), text);
    await score({ model: at('m.onnx'), input: at('later.csv'), output: at('out.csv'), journal: at('journal.jsonl') });
    const commit = readFileSync(at('journal.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { kind: string; drift?: { columns: { column: string; verdict: string }[] } }).find(({ kind }) => kind === 'COMMIT'); // prettier-ignore
    expect(commit?.drift?.columns).toHaveLength(COLUMNS);
    expect(commit?.drift?.columns.filter(({ verdict }) => verdict === 'drift').map(({ column }) => column)).toEqual(['f17']);
  });

  test('has coarser grids, so that a contract of thousands of columns stays some megabytes', () => {
    expect([1, 512, 1024, 5000].map(cellsOf)).toEqual([256, 256, 128, 64]);
  });
});
