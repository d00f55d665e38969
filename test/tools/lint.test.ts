import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import tseslint from 'typescript-eslint';

// The planted files do not exist, so the rules that need types sit out; everything else is the project's own configuration.
let eslint: ESLint;
beforeAll(() => {
  eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });
});

async function complaints(filePath: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(`${code}\n`, { filePath });
  return results.flatMap((result) => result.messages).map((message) => `${message.ruleId ?? 'parser'}: ${message.message}`);
}

describe('the dependency direction', () => {
  const planted: [file: string, code: string, message: string][] = [
    ['src/batch/planted.ts', `export { a } from '../run/run.js';`, 'src/batch may not import src/run: the typed batch is'],
    ['src/errors/planted.ts', `import { a } from '../batch/batch.js'; a();`, 'src/errors may not import src/batch: everything may throw'],
    [
      'src/format/csv/planted.ts',
      `import { a } from '../../model/session.js'; a();`,
      'src/format may not import src/model: the steps know nothing of each other',
    ],
    ['src/model/planted.ts', `import type { A } from '../format/format.js'; export const a: A = 1;`, 'src/model may not import src/format'],
    ['src/check/planted.ts', `import { a } from '#src/journal/entry.js'; a();`, 'src/check may not import src/journal'],
    ['src/journal/planted.ts', `export * from '../publish/stage.js';`, 'src/journal may not import src/publish'],
    ['src/publish/planted.ts', `export const a = await import('../contract/load.js');`, 'src/publish may not import src/contract'],
    ['src/contract/planted.ts', `export type A = import('../run/plan.js').Plan;`, 'src/contract may not import src/run'],
    ['src/run/planted.ts', `import { a } from '../job/ledger.js'; a();`, 'src/run may not import src/job'],
    ['src/run/planted.ts', `import { a } from '../cli/flags.js'; a();`, 'src/run may not import src/cli'],
    ['src/job/planted.ts', `import { a } from '../cli/flags.js'; a();`, 'src/job may not import src/cli'],
    ['src/index.ts', `export { a } from './cli/flags.js';`, 'src/index may not import src/cli: the library is what the command line is written on'],
    ['src/elsewhere/planted.ts', `import { a } from '../batch/batch.js'; a();`, 'src/elsewhere has no place in the layout'],
  ];

  it.each(planted)('refuses, in %s: %s', async (file, code, message) => {
    const found = (await complaints(file, code)).filter((line) => line.startsWith('scoreline/'));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`scoreline/direction: ${message}`);
  });

  const clean: [file: string, code: string][] = [
    ['src/cli/planted.ts', `import { a } from '../index.js'; import { b } from '../errors/errors.js'; a(b);`],
    ['src/job/planted.ts', `import { a } from '../run/run.js'; a();`],
    ['src/run/planted.ts', `import { a } from '../format/csv/split.js'; import { b } from '../publish/stage.js'; a(b);`],
    [
      'src/format/csv/planted.ts',
      `import { a } from '../format.js'; import { b } from '../arrow/setup.js'; import { c } from '../../batch/batch.js'; a(b, c);`,
    ],
    ['src/index.ts', `export { a } from './run/run.js';`],
  ];

  it.each(clean)('lets pass, in %s: %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});

describe('a package has one importer', () => {
  const planted: [file: string, code: string, place: string][] = [
    ['src/run/worker.ts', `import { InferenceSession } from 'onnxruntime-node'; InferenceSession.create('m');`, 'src/model/ort-session.ts'],
    ['src/model/planted.ts', `export const ort = await import('onnxruntime-node');`, 'src/model/ort-session.ts'],
    [
      'src/model/planted.ts',
      `import { createRequire } from 'node:module'; export const ort = createRequire(import.meta.url)('onnxruntime-node');`,
      'src/model/ort-session.ts',
    ],
    ['src/model/planted.ts', `import type { Tensor } from 'onnxruntime-common'; export let a: Tensor;`, 'src/model/ort-session.ts'],
    ['src/run/planted.ts', `import { parse } from 'csv-parse/sync'; parse('');`, 'src/format/csv/'],
    ['src/format/arrow/planted.ts', `import { stringify } from 'csv-stringify'; stringify();`, 'src/format/csv/'],
    ['src/format/csv/planted.ts', `import { tableFromIPC } from 'apache-arrow'; tableFromIPC('');`, 'src/format/arrow/'],
    ['src/run/planted.ts', `import { Command } from 'commander'; new Command();`, 'src/cli/'],
    ['src/run/planted.ts', `import progress from 'cli-progress'; progress();`, 'src/cli/'],
    ['src/contract/planted.ts', `import { fromBinary } from '@bufbuild/protobuf'; fromBinary();`, 'src/model/onnx'],
  ];

  it.each(planted)('refuses, in %s: %s', async (file, code, place) => {
    const found = (await complaints(file, code)).filter((line) => line.startsWith('scoreline/'));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`scoreline/named-importer: Only ${place} may import`);
  });

  const clean: [file: string, code: string][] = [
    ['src/model/ort-session.ts', `export const ort = await import('onnxruntime-node');`],
    ['src/model/onnx/decode.ts', `import { fromBinary } from '@bufbuild/protobuf'; fromBinary();`],
    ['src/model/onnx-graph.ts', `import { fromBinary } from '@bufbuild/protobuf'; fromBinary();`],
    ['src/format/csv/decode.ts', `import { parse } from 'csv-parse/sync'; parse('');`],
    ['src/format/arrow/decode.ts', `import { tableFromIPC } from 'apache-arrow'; tableFromIPC('');`],
    ['src/cli/progress.ts', `import progress from 'cli-progress'; progress();`],
  ];

  it.each(clean)('lets pass, in %s: %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});

describe('what survives a crash is decided in one room', () => {
  const planted: [file: string, code: string][] = [
    ['src/run/planted.ts', `import { renameSync } from 'node:fs'; renameSync('a', 'b');`],
    ['src/run/planted.ts', `import { rename as move } from 'node:fs/promises'; await move('a', 'b');`],
    ['src/format/planted.ts', `import * as fs from 'node:fs'; fs.fsyncSync(3);`],
    ['src/job/planted.ts', `import type { FileHandle } from 'node:fs/promises'; export const a = (handle: FileHandle) => handle.datasync();`],
  ];

  it.each(planted)('refuses, in %s: %s', async (file, code) => {
    const found = await complaints(file, code);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('only src/publish, src/journal and what they share in src/files rename or sync');
  });

  it.each(['src/publish/commit.ts', 'src/journal/writer.ts', 'src/files/replace.ts'])('lets %s', async (file) => {
    expect(await complaints(file, `import { renameSync, fsyncSync } from 'node:fs'; renameSync('a', 'b'); fsyncSync(3);`)).toEqual([]);
  });
});

describe('habits of src', () => {
  const planted: [code: string, rule: string][] = [
    [`export const a = (x: any) => String(x);`, '@typescript-eslint/no-explicit-any'],
    [`export const a = (x?: string) => x!.length;`, '@typescript-eslint/no-non-null-assertion'],
    [`// @ts-ignore\nexport const a = 1;`, '@typescript-eslint/ban-ts-comment'],
    [`console.log('x');`, 'no-console'],
    [`process.exit(1);`, 'no-restricted-properties'],
    [`export default 1;`, 'no-restricted-syntax'],
  ];

  it.each(planted)('%s', async (code, rule) => {
    const found = await complaints('src/run/planted.ts', code);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${rule}: `);
  });
});
