import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ModelError, ScorelineError } from '#src/errors/errors.js';
import { score, type RunEvent, type ScoreOptions } from '#src/index.js';
import { withFallback } from '#src/run/fallback.js';
import type { RunSummary } from '#src/run/options.js';
import { endlessModel, hungryModel } from '../job/models.js';
import { scorerOf, ticksOf, until } from '../job/processes.js';
import { fixture, scoreline, tempFolder } from '../support/command.js';

/** Y of every row, and the column that the models of this file read. */
const RULES = `version: scoreline.rules/1
columns: { X: number }
outputs: { prediction: number }
rules:
  - then: { prediction: 7 }
`;

interface Scene {
  readonly folder: string;
  readonly output: string;
  readonly model: string;
  readonly rules: string;
  readonly args: readonly string[];
  readonly options: ScoreOptions & { readonly input: string };
}

function scene(model: Uint8Array | string): Scene {
  const folder = tempFolder();
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('m.onnx'), model);
  writeFileSync(at('safe.rules.yaml'), RULES);
  writeFileSync(at('in.csv'), 'id,X\na,1\nb,2\n');
  const [output, rules] = [at('out.csv'), at('safe.rules.yaml')];
  return {
    ...{ folder, output, rules, model: at('m.onnx') },
    args: ['score', '-m', at('m.onnx'), at('in.csv'), '-o', output, '--workers', '1', '--fallback', rules, '--scored-by', 'by'],
    options: { model: at('m.onnx'), input: at('in.csv'), output, workers: 1, fallback: { model: rules }, scoredBy: 'by' },
  };
}

const BY_FALLBACK = 'id,prediction,by\na,7,fallback\nb,7,fallback\n';

const lines = (output: string): Record<string, unknown>[] => readFileSync(`${output}.journal.jsonl`, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
const tempsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('.'));

/** The journal says of both runs what became of them, and the output is the fallback's. */
function expectTakenOver({ folder, output, model }: Scene, code: string): void {
  expect(readFileSync(output, 'utf8')).toBe(BY_FALLBACK);
  const journal = lines(output);
  expect(journal.map(({ kind }) => kind)).toEqual(['START', 'FAIL', 'START', 'PREPARE', 'COMMIT']);
  const [first, failed, second, , commit] = journal;
  expect(failed).toMatchObject({ run: first?.['run'], error: { code } });
  expect(second?.['run']).not.toBe(first?.['run']);
  expect(second).toMatchObject({ fallback: { of: first?.['run'], model, why: code } });
  expect(commit).toMatchObject({
    run: second?.['run'],
    rows: { in: 2, scored: 2, rejected: 0, byFallback: 2 },
    fallback: { kind: 'constant', of: first?.['run'], model, why: code, rows: 2 },
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

  test('the model is not there', async () => {
    const scored = scene('no model');
    const summary = await score({ ...scored.options, model: join(scored.folder, 'none.onnx') });
    expect(summary).toMatchObject({ scored: 2, byFallback: 2, fallback: { why: 'model-missing' } });
    expect(readFileSync(scored.output, 'utf8')).toBe(BY_FALLBACK);
  });

  test('the contract belongs to another model, or a golden row has another score', async () => {
    for (const [contract, code] of [
      [{ model: { sha256: '0'.repeat(64) } }, 'contract-of-another-model'],
      [{ golden: [{ row: { x: '1' }, expect: { prediction: 99 } }] }, 'golden-mismatch'],
    ] as const) {
      const scored = scene(readFileSync(fixture('types', 'single.onnx')));
      writeFileSync(scored.options.input, 'id,X,x\na,1,1\nb,2,2\n');
      const model = { sha256: sha256(scored.model) };
      writeFileSync(join(scored.folder, 'm.contract.json'), JSON.stringify({ version: 'scoreline.contract/1', model, ...contract }));
      expect(await scoreline([...scored.args, '--keep', 'id'])).toMatchObject({ status: 3 });
      expectTakenOver(scored, code);
    }
  });

  test('native code dies by SIGSEGV', async () => {
    const scored = scene(endlessModel());
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
    const scored = scene(endlessModel());
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
    expect(asked[1]).toMatchObject({ model: scored.rules, insteadOf: { of: 'RUN', model: scored.model, why: 'gate-fallback' } });
    expect(asked[1]?.fallback).toBeUndefined();

    const gated = scene(readFileSync(fixture('types', 'single.onnx')));
    writeFileSync(gated.options.input, 'id,X,x\na,1,\nb,2,2\n');
    expect(await scoreline([...gated.args, '--keep', 'id', '--gate', 'missing(x)<=10%:fallback'])).toMatchObject({ status: 3 });
    expectTakenOver(gated, 'gate-fallback');
    const withheld = await scoreline([...gated.args, '--keep', 'id', '--gate', 'missing(x)<=10%:fallback', '--fallback-on', 'load']);
    expect(withheld.status).toBe(76);
    writeFileSync(gated.rules, RULES.replaceAll('X:', 'x:')); // the gate does not hold for the fallback either: that is known by then
    expect(await scoreline([...gated.args, '--keep', 'id', '--gate', 'missing(x)<=10%:fallback'])).toMatchObject({ status: 3 });
    expect(readFileSync(gated.output, 'utf8')).toBe(BY_FALLBACK);
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
    writeFileSync(scored.rules, 'version: scoreline.rules/1\nnonsense: true\n');
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
    const piped = await scoreline(['score', '-m', scored.model, '--fallback', scored.rules, '--keep', 'id'], { stdin });
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
    const out = await scoreline(['score', '-m', scored.model, scored.options.input, '--fallback', scored.rules]);
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
  const [rules, older] = [await secondOf(scored.rules), await secondOf(fixture('types', 'single.onnx'))];
  expect(rules).toMatchObject({ prefix: 'p_', journal: false });
  expect(Object.keys(rules ?? {})).not.toEqual(expect.arrayContaining(['threshold']));
  expect(older).toMatchObject({ threshold: 0.3, features: ['a'], prefix: 'p_' });
  expect([rules?.contract, older?.contract]).toEqual([undefined, undefined]);
});
