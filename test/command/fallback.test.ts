import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ModelError, ScorelineError } from '#src/errors/errors.js';
import { score, type RunEvent, type ScoreOptions } from '#src/index.js';
import { withFallback } from '#src/run/fallback.js';
import type { RunSummary } from '#src/run/options.js';
import { writeModel } from '#src/model/onnx/read.js';
import { endlessModel, hungryModel } from '../job/models.js';
import { scorerOf, ticksOf, until } from '../job/processes.js';
import { constant, graphOf, modelOf, node, value } from '../model/onnx-maker.js';
import { fixture, scoreline, tempFolder } from '../support/command.js';

/** They give 7 for every row; 8 where X is above 1; X + 1. X is what most models of this file read. */
const CONSTANT = `version: scoreline.rules/1
columns: { X: number }
outputs: { prediction: number }
rules:
  - then: { prediction: 7 }
`;
const RULES = CONSTANT.replace('rules:\n', 'rules:\n  - when: X > 1.0\n    then: { prediction: 8 }\n');
const OLDER = writeModel(
  modelOf(
    graphOf({
      node: [node('Add', ['X', 'one'], ['Y'])],
      input: [value('X', 1, ['', 1])],
      output: [value('Y', 1, ['', 1])],
      initializer: [constant('one', [1])],
    }),
  ),
);

/** What may stand in, and what it gives for the rows a and b. */
const KINDS = {
  model: { name: 'older.onnx', content: OLDER, gives: [2, 3] },
  rules: { name: 'safe.rules.yaml', content: RULES, gives: [7, 8] },
  constant: { name: 'safe.rules.yaml', content: CONSTANT, gives: [7, 7] },
} as const;
type Kind = keyof typeof KINDS;

interface Scene {
  readonly kind: Kind;
  readonly folder: string;
  readonly output: string;
  readonly model: string;
  /** Path of the fallback. */
  readonly fallback: string;
  readonly args: readonly string[];
  readonly options: ScoreOptions & { readonly input: string };
}

function scene(model: Uint8Array | string, kind: Kind = 'constant'): Scene {
  const folder = tempFolder();
  const at = (name: string): string => join(folder, name);
  const { name, content } = KINDS[kind];
  writeFileSync(at('m.onnx'), model);
  writeFileSync(at(name), content);
  writeFileSync(at('in.csv'), 'id,X\na,1\nb,2\n');
  const [output, fallback] = [at('out.csv'), at(name)];
  return {
    ...{ kind, folder, output, fallback, model: at('m.onnx') },
    args: ['score', '-m', at('m.onnx'), at('in.csv'), '-o', output, '--workers', '1', '--fallback', fallback, '--scored-by', 'by'],
    options: { model: at('m.onnx'), input: at('in.csv'), output, workers: 1, fallback: { model: fallback }, scoredBy: 'by' },
  };
}

function givenBy(kind: Kind): string {
  const [a, b] = KINDS[kind].gives;
  return `id,prediction,by\na,${a},fallback\nb,${b},fallback\n`;
}

const lines = (output: string): Record<string, unknown>[] => readFileSync(`${output}.journal.jsonl`, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
const tempsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('.'));

/** The journal says of both runs what became of them, and the output is the fallback's. */
function expectTakenOver({ folder, kind, output, model }: Scene, code: string): void {
  expect(readFileSync(output, 'utf8')).toBe(givenBy(kind));
  const journal = lines(output);
  expect(journal.map(({ kind }) => kind)).toEqual(['START', 'FAIL', 'START', 'PREPARE', 'COMMIT']);
  const [first, failed, second, , commit] = journal;
  expect(failed).toMatchObject({ run: first?.['run'], error: { code } });
  expect(second?.['run']).not.toBe(first?.['run']);
  expect(second).toMatchObject({ fallback: { of: first?.['run'], model, why: code } });
  expect(commit).toMatchObject({
    run: second?.['run'],
    rows: { in: 2, scored: 2, rejected: 0, byFallback: 2 },
    fallback: { kind, of: first?.['run'], model, why: code, rows: 2 },
    warnings: expect.arrayContaining([expect.objectContaining({ code: 'fallback-scored' })]) as unknown,
  });
  expect(tempsIn(folder)).toEqual([]);
}

/** In the loop: its run has begun, and it takes processor time. */
async function stuck(parent: number, output: string): Promise<number> {
  const scorer = await scorerOf(parent);
  await until(() => existsSync(`${output}.journal.jsonl`) && lines(output).some(({ kind }) => kind === 'START'));
  const before = ticksOf(scorer);
  await until(() => ticksOf(scorer) > before + 10);
  return scorer;
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('the fallback scores the whole input where', () => {
  test('the model cannot be loaded: status 3, and the reason on stderr', async () => {
    const scored = scene('no model');
    const run = await scoreline([...scored.args, '-v']);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('scored by the fallback');
    expect(run.stderr).toContain('[not-a-model]');
    expect(run.stderr).not.toContain('error:');
    expectTakenOver(scored, 'not-a-model');
  });

  describe('in one process:', () => {
    const single = readFileSync(fixture('types', 'single.onnx'));
    const gates = [{ name: 'missing', column: 'x', min: undefined, max: 0.1, level: 'fallback' }] as const;
    const own = (sha256: string) => ({ version: 'scoreline.contract/1', model: { sha256 } });
    const wrong = (sha256: string) => ({ ...own(sha256), golden: [{ row: { x: '1' }, expect: { prediction: 99 } }] });

    test.each<[string, Kind, string, string | Uint8Array, Partial<ScoreOptions>, ((sha256: string) => object)?]>([
      ['the model is none', 'model', 'not-a-model', 'no model', {}],
      ['the model is none', 'rules', 'not-a-model', 'no model', {}],
      ['the contract is of another model', 'model', 'contract-of-another-model', single, {}, () => own('0'.repeat(64))],
      ['the contract is of another model', 'constant', 'contract-of-another-model', single, {}, () => own('0'.repeat(64))],
      ['a golden row has another score', 'rules', 'golden-mismatch', single, {}, wrong],
      ['a gate says so', 'model', 'gate-fallback', single, { gates }],
      ['a gate says so', 'rules', 'gate-fallback', single, { gates }],
    ])('%s: %s', async (_, kind, code, model, more, contract) => {
      const scored = scene(model, kind);
      writeFileSync(scored.options.input, 'id,X,x\na,1,1\nb,2,\n');
      if (contract !== undefined) writeFileSync(join(scored.folder, 'm.contract.json'), JSON.stringify(contract(sha256(scored.model))));
      const summary = await score({ ...scored.options, ...more, keep: ['id'] });
      expect([summary.byFallback, summary.fallback?.why]).toEqual([2, code]);
      expectTakenOver(scored, code);
    });

    test('the runtime throws at a row, that row alone: constant', async () => {
      const scored = scene(readFileSync(fixture('types', 'throws.onnx')));
      writeFileSync(scored.options.input, 'id,X,index\na,1,4\nb,2,9\n');
      await score({ ...scored.options, keep: ['id'] });
      expect(readFileSync(scored.output, 'utf8')).toBe('id,prediction,by\na,40,model\nb,7,fallback\n');
      const fallback = { kind: 'constant', of: null, model: scored.model, why: 'rows', rows: 1 };
      expect(lines(scored.output).at(-1)).toMatchObject({ fallback });
    });
  });

  test('the model is not there', async () => {
    const scored = scene('no model');
    const summary = await score({ ...scored.options, model: join(scored.folder, 'none.onnx') });
    expect(summary).toMatchObject({ scored: 2, byFallback: 2, fallback: { why: 'model-missing' } });
    expect(readFileSync(scored.output, 'utf8')).toBe(givenBy('constant'));
  });

  test('native code dies by SIGSEGV, and native code is the fallback', async () => {
    const scored = scene(endlessModel(), 'model');
    const run = await scoreline([...scored.args, '-v'], {
      during: (child) => void stuck(child.pid!, scored.output).then((pid) => process.kill(pid, 'SIGSEGV')),
    });
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('SIGSEGV');
    expectTakenOver(scored, 'runtime-crashed');
  }, 60_000);

  test('native code dies by SIGSEGV behind a checkpoint: what was scored until then is not taken over', async () => {
    const scored = scene(endlessModel());
    writeFileSync(scored.options.input, `id,X\n${'a,2000\n'.repeat(100)}b,1\n`);
    const args = [...scored.args, '--chunk-size', '100', '--checkpoint-every', '0ms', '--batch-rows', '1', '-v'];
    const run = await scoreline(args, {
      during: (child) =>
        void until(() => existsSync(`${scored.output}.journal.jsonl`) && lines(scored.output).some(({ kind }) => kind === 'CHECKPOINT'))
          .then(() => stuck(child.pid!, scored.output))
          .then((pid) => process.kill(pid, 'SIGSEGV')),
    });
    expect([run.status, run.stderr.includes('not-resumed')]).toEqual([3, false]);
    expect(readFileSync(scored.output, 'utf8')).toBe(`id,prediction,by\n${'a,7,fallback\n'.repeat(100)}b,7,fallback\n`);
    const ends = lines(scored.output).map(({ kind }) => kind).filter((kind) => kind !== 'CHECKPOINT'); // prettier-ignore
    expect(ends).toEqual(['START', 'FAIL', 'START', 'PREPARE', 'COMMIT']);
    expect(tempsIn(scored.folder)).toEqual([]);
  }, 60_000);

  test('it was killed while it published: what was prepared is published, and nothing is scored again', async () => {
    const scored = scene('no model');
    const killer = fileURLToPath(new URL('../support/kill-at.mjs', import.meta.url));
    const env = { NODE_OPTIONS: `--import=${killer}`, KILL_BEFORE: 'rename .out.csv.XXXX.scoreline-tmp' };
    expect((await scoreline(scored.args, { env })).signal).toBe('SIGKILL');
    expect(existsSync(scored.output)).toBe(false);
    expect(await scoreline(scored.args)).toMatchObject({ status: 3, stderr: '' });
    expect(readFileSync(scored.output, 'utf8')).toBe(givenBy('constant'));
    const kinds = lines(scored.output).map(({ kind, fallback }) => (kind === 'START' && fallback !== undefined ? 'instead' : kind));
    // what is prepared is published while the model is read: in no order
    expect(kinds.sort()).toEqual(['COMMIT', 'FAIL', 'FAIL', 'PREPARE', 'START', 'START', 'instead']);
    expect(tempsIn(scored.folder)).toEqual([]);
  });

  test('a run by the same rules was stopped before: what that has scored, as a model of its own, is not gone on from', async () => {
    const scored = scene('no model');
    writeFileSync(scored.options.input, `id,X\n${'a,1\n'.repeat(1000)}`);
    const options = { ...scored.options, checkpointEveryMs: 0, chunkBytes: 500 };
    const stop = new AbortController();
    const kept = (): boolean => lines(scored.output).some(({ kind }) => kind === 'CHECKPOINT');
    const onProgress = ({ rows }: { rows: number }): void => {
      if (rows > 0 && kept()) stop.abort();
    };
    const { fallback, ...alone } = options;
    await expect(score({ ...alone, model: fallback!.model, signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'interrupted' });
    expect(tempsIn(scored.folder)).not.toEqual([]);
    expect(await score(options)).toMatchObject({ scored: 1000, byFallback: 1000 });
    expect(readFileSync(scored.output, 'utf8')).toBe(`id,prediction,by\n${'a,7,fallback\n'.repeat(1000)}`);
    expect(tempsIn(scored.folder)).toEqual([]);
  });

  test('the model takes more memory than it may', async () => {
    const scored = scene(hungryModel(600 << 20));
    expect(await scoreline([...scored.args, '--max-memory', '400MB'])).toMatchObject({ status: 3 });
    expectTakenOver(scored, 'memory-exceeded');
  }, 60_000);

  test('the deadline nears, and is over before it passes', { retry: 1, timeout: 60_000 }, async () => {
    const scored = scene(endlessModel(), 'rules');
    const begun = performance.now();
    const run = await scoreline([...scored.args, '--deadline', '8s', '-v']);
    expect((performance.now() - begun) / 1e3).toBeLessThan(8.5);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('3s were left of the deadline of 8s');
    expectTakenOver(scored, 'deadline');
  });

  test('a gate says so', async () => {
    const scored = scene('');
    const asked: ScoreOptions[] = [];
    const summary = await withFallback(scored.options, ({ options, begun, reading }) => {
      asked.push(options);
      begun('RUN');
      reading();
      if (asked.length === 1) return Promise.reject(new ScorelineError('gate-fallback', 'psi of "age" is 0.41', 'withheld'));
      return Promise.resolve({ scored: 2 } as RunSummary);
    });
    expect(summary.scored).toBe(2);
    expect(asked[1]).toMatchObject({ model: scored.fallback, insteadOf: { of: 'RUN', model: scored.model, why: 'gate-fallback' } });
    expect(asked[1]?.fallback).toBeUndefined();

    const gated = scene(readFileSync(fixture('types', 'single.onnx')));
    writeFileSync(gated.options.input, 'id,X,x\na,1,\nb,2,2\n');
    expect(await scoreline([...gated.args, '--keep', 'id', '--gate', 'missing(x)<=10%:fallback'])).toMatchObject({ status: 3 });
    expectTakenOver(gated, 'gate-fallback');
    const withheld = await scoreline([...gated.args, '--keep', 'id', '--gate', 'missing(x)<=10%:fallback', '--fallback-on', 'load']);
    expect(withheld.status).toBe(76);
    writeFileSync(gated.fallback, CONSTANT.replaceAll('X:', 'x:')); // the gate does not hold for the fallback either: that is known by then
    expect(await scoreline([...gated.args, '--keep', 'id', '--gate', 'missing(x)<=10%:fallback'])).toMatchObject({ status: 3 });
    expect(readFileSync(gated.output, 'utf8')).toBe(givenBy('constant'));
  });
});

describe('the fallback does not score where', () => {
  test('it is not for that cause', async () => {
    const scored = scene('no model');
    expect(await scoreline([...scored.args, '--fallback-on', 'rows,crash'])).toMatchObject({ status: 69 });
    expect(existsSync(scored.output)).toBe(false);
  });

  test('the input itself is wrong', async () => {
    const scored = scene(readFileSync(fixture('types', 'single.onnx')));
    expect(await scoreline([...scored.args])).toMatchObject({ status: 65 }); // the model reads x, which is not there
    expect(lines(scored.output).map(({ kind }) => kind)).toEqual(['START', 'FAIL']);
  });

  test('it fails itself: the run fails as ever, and what was published before stands', async () => {
    const scored = scene('no model');
    writeFileSync(scored.output, 'old\n');
    writeFileSync(scored.fallback, 'version: scoreline.rules/1\nnonsense: true\n');
    const run = await scoreline([...scored.args, '--fallback-on', 'load']);
    expect(run.status).toBe(69);
    expect(run.stderr).toContain('rules-invalid');
    expect(readFileSync(scored.output, 'utf8')).toBe('old\n');
    expect(lines(scored.output).map(({ kind }) => kind)).toEqual(['START', 'FAIL', 'START', 'FAIL']);
  });

  test('the run was stopped', async () => {
    const scored = scene(endlessModel());
    const run = await scoreline(scored.args, { during: (child) => void stuck(child.pid!, scored.output).then(() => child.kill('SIGTERM')) });
    expect(run.signal).toBe('SIGTERM');
    expect(existsSync(scored.output)).toBe(false);
  }, 60_000);
});

describe('an input that can be read once only', () => {
  const stdin = 'id,X,x\na,1,1\nb,2,2\n';

  test('is scored by the fallback where nothing of it was read yet', async () => {
    const scored = scene('no model');
    const args = scored.args.filter((arg) => arg !== scored.options.input);
    expect(await scoreline([...args, '--keep', 'id'], { stdin })).toMatchObject({ status: 3 });
    expectTakenOver(scored, 'not-a-model');
    const piped = await scoreline(['score', '-m', scored.model, '--fallback', scored.fallback, '--keep', 'id'], { stdin });
    expect([piped.status, piped.stdout.toString()]).toEqual([3, 'id,prediction\na,7\nb,7\n']);
  });

  test('is not scored again where it was, and neither is what went to stdout: the error says so', async () => {
    const scored = scene(readFileSync(fixture('types', 'single.onnx')));
    const golden = [{ row: { x: '1' }, expect: { prediction: 99 } }];
    writeFileSync(join(scored.folder, 'm.contract.json'), JSON.stringify({ version: 'scoreline.contract/1', model: { sha256: sha256(scored.model) }, golden })); // prettier-ignore
    writeFileSync(scored.options.input, stdin);
    const once = await scoreline(scored.args.filter((arg) => arg !== scored.options.input), { stdin }); // prettier-ignore
    expect(once.status).toBe(69);
    expect(once.stderr).toContain('The fallback could not take over, because the input came through a pipe');
    const out = await scoreline(['score', '-m', scored.model, scored.options.input, '--fallback', scored.fallback]);
    expect(out).toMatchObject({ status: 69, stdout: Buffer.alloc(0) });
    expect(out.stderr).toContain('The fallback could not take over, because the output is no file');
    await expect(score({ ...scored.options, input: Readable.from([stdin]) })).rejects.toMatchObject({ code: 'golden-mismatch' });
  });
});

describe('who hears of a run that a fallback takes over', () => {
  test('hears of both, each with its end', async () => {
    const scored = scene('no model');
    const heard: RunEvent[] = [];
    await score({ ...scored.options, onEvent: (event) => heard.push(event) });
    expect(heard.map(({ kind }) => kind)).toEqual(['START', 'FAIL', 'START', 'COMMIT']);
    expect(new Set(heard.map(({ run }) => run)).size).toBe(2);
  });

  test('finds the figures of the fallback in the metrics', async () => {
    const scored = scene('no model');
    const metrics = join(scored.folder, 'm.prom');
    expect(await scoreline([...scored.args, '--metrics', metrics])).toMatchObject({ status: 3 });
    expect(readFileSync(metrics, 'utf8')).toMatch(/^scoreline_run_fallback_rows\{[^}]*\} 2$/m);
  });
});

test('a fallback keeps what was said of an older model, and leaves out what rules have no use for', async () => {
  const scored = scene('');
  const said = { ...scored.options, threshold: 0.3, features: ['a'], contract: 'none', prefix: 'p_', journal: false } as const;
  const secondOf = async (fallback: string): Promise<ScoreOptions | undefined> => {
    const asked: ScoreOptions[] = [];
    await withFallback({ ...said, fallback: { model: fallback } }, ({ options, begun }) => {
      asked.push(options);
      begun('RUN');
      return asked.length === 1 ? Promise.reject(new ModelError('model-load', 'no')) : Promise.resolve({} as RunSummary);
    });
    return asked[1];
  };
  const [rules, older] = [await secondOf(scored.fallback), await secondOf(fixture('types', 'single.onnx'))];
  expect(rules).toMatchObject({ prefix: 'p_', journal: false });
  expect(Object.keys(rules ?? {})).not.toEqual(expect.arrayContaining(['threshold']));
  expect(older).toMatchObject({ threshold: 0.3, features: ['a'], prefix: 'p_' });
  expect([rules?.contract, older?.contract]).toEqual([undefined, undefined]);
});
