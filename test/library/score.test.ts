import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { inspectModel, InterruptedError, ScorelineError, score, UsageError, version, type Progress, type ScoreOptions } from '#src/index.js';
import { fixture, strangers, tempFolder } from '../support/command.js';

const MODEL = fixture('types', 'single.onnx');
const TEXT = 'id,x\na,1\nb,2\n';

/** Everything that is written into a stream. */
function collector(): { stream: PassThrough; text: () => Promise<string> } {
  const stream = new PassThrough();
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve) => stream.on('end', resolve));
  return { stream, text: () => ended.then(() => Buffer.concat(pieces).toString()) };
}

describe('score() in a program', () => {
  test('reads and writes streams of the caller', async () => {
    const { stream, text } = collector();
    const summary = await score({ model: MODEL, input: Readable.from([Buffer.from(TEXT.slice(0, 7)), Buffer.from(TEXT.slice(7))]), output: stream });
    expect(await text()).toBe('id,prediction\na,3\nb,5\n');
    expect(summary).toMatchObject({
      rowsIn: 2,
      scored: 2,
      rejected: 0,
      columns: ['id', 'prediction'],
      journal: undefined,
      rejects: undefined,
      warnings: [],
    });
  });

  test('paths, with what the journal says in the summary', async () => {
    const folder = tempFolder();
    const output = join(folder, 'scores.csv');
    const seen: Progress[] = [];
    const summary = await score({
      model: fixture('diamonds', 'diamonds.onnx'),
      input: fixture('diamonds', 'diamonds.csv'),
      output,
      chunkBytes: 50_000,
      labels: { team: 'pricing' },
      onProgress: (progress) => seen.push(progress),
    });
    const [start, , commit] = readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>); // prettier-ignore
    expect(start).toMatchObject({
      kind: 'START',
      run: summary.runId,
      labels: { team: 'pricing' },
      model: { family: 'tree-ensemble', sha256: summary.model.sha256 },
      options: { keep: 'unused', maxRejects: { rows: 0 } },
    });
    expect(commit).toMatchObject({ kind: 'COMMIT', run: summary.runId, rows: { in: 6000, scored: 6000, rejected: 0 } });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-1)).toMatchObject({ rows: 6000, bytes: 308_833, totalBytes: 308_833 });
    expect(seen.map((progress) => progress.rows)).toEqual([...seen.map((progress) => progress.rows)].sort((a, b) => a - b));
  });

  test('an AbortSignal stops it, with the target as it was', async () => {
    const folder = tempFolder();
    const output = join(folder, 'scores.csv');
    writeFileSync(output, 'old\n');
    const controller = new AbortController();
    const endless = new Readable({ read() { this.push('a,1\n'.repeat(10_000)); } }); // prettier-ignore
    endless.unshift('id,x\n');
    const run = score({ model: MODEL, input: endless, output, journal: false, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(run).rejects.toBeInstanceOf(InterruptedError);
    expect(readFileSync(output, 'utf8')).toBe('old\n');
    expect(strangers(folder, ['scores.csv'])).toEqual([]);
    await expect(score({ model: MODEL, input: Readable.from(TEXT), output, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
      status: 130,
    });
  });

  test('errors are typed, with place, fix and status', async () => {
    const folder = tempFolder();
    const input = join(folder, 'in.csv');
    writeFileSync(input, 'id,x\na,1\nb,two\n');
    const error: unknown = await score({ model: MODEL, input, output: join(folder, 'out.csv') }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ScorelineError);
    expect(error).toMatchObject({
      name: 'InputError',
      code: 'too-many-rejects',
      status: 65,
      place: { file: input, row: 2, line: 3, column: 'x' },
      fix: expect.stringContaining('--max-rejects') as string,
    });
    expect(existsSync(join(folder, 'out.csv'))).toBe(false);
  });

  test('a failing input stream is an input error, and no output is left', async () => {
    const folder = tempFolder();
    const input = new Readable({ read() { this.push('id,x\na,1\n'); this.destroy(new Error('the wire broke')); } }); // prettier-ignore
    await expect(score({ model: MODEL, input, output: join(folder, 'out.csv'), journal: false })).rejects.toMatchObject({
      code: 'read-failed',
      status: 74,
    });
    expect(strangers(folder, [])).toEqual([]);
  });

  test.each<[string, Partial<ScoreOptions>]>([
    ['batchRows', { batchRows: 0 }],
    ['workers', { workers: 1.5 }],
    ['threshold', { threshold: 1.5 }],
    ['maxRejects', { maxRejects: { kind: 'share', share: 2 } }],
    ['maxRejects', { maxRejects: 0 as never }],
    ['maxRejects', { maxRejects: '1%' as never }],
    ['maxRejects', { maxRejects: { kind: 'row', rows: 0 } as never }],
    ['keep', { keep: 'id' as never }],
    ['rejectedRows', { rejectedRows: 'blnk' as never }],
    ['journal', { journal: true as never }],
    ['label', { label: 'arg' as never }],
    ['bind', { bind: new Map() as never }],
    ['input', { input: Buffer.from('x') as never }],
    ['output', { output: undefined as never }],
    ['model', { model: new URL('file:///m.onnx') as never }],
    ['signal', { signal: {} as never }],
  ])('options out of range are refused: %s', async (name, options) => {
    const run = score({ model: MODEL, input: Readable.from(TEXT), output: new PassThrough(), ...options });
    await expect(run).rejects.toBeInstanceOf(UsageError);
    await expect(run).rejects.toMatchObject({ code: 'bad-option', details: { option: name } });
  });

  test('what a stream was given stays as it was, though buffers are used again', async () => {
    const lines = Array.from({ length: 5000 }, (_, row) => `${row}\n`);
    const kept: Buffer[] = [];
    const stream = new PassThrough();
    stream.on('data', (piece: Buffer) => kept.push(piece)); // not copied: this is what a consumer that queues does
    await score({ model: MODEL, input: Readable.from(`x\n${lines.join('')}`), output: stream, chunkBytes: 500, batchRows: 16 });
    expect(Buffer.concat(kept).toString()).toBe(`prediction\n${lines.map((line) => `${2 * Number(line) + 1}\n`).join('')}`);
  });

  test('a misspelt option is no option', async () => {
    await expect(score({ model: MODEL, input: Readable.from(TEXT), output: new PassThrough(), maxReject: 3 } as never)).rejects.toMatchObject({
      code: 'unknown-option',
      message: expect.stringContaining('maxRejects') as string,
    });
    await expect((score as () => Promise<unknown>)()).rejects.toMatchObject({ code: 'bad-option' });
  });

  test('several runs side by side do not disturb each other', async () => {
    const runs = Array.from({ length: 4 }, async (_, index) => {
      const { stream, text } = collector();
      await score({ model: MODEL, input: Readable.from(`x\n${index}\n`), output: stream, workers: 1 });
      return text();
    });
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3].map((x) => `prediction\n${2 * x + 1}\n`));
  });

  test('a process that is done ends: nothing is left running', async () => {
    const { stream } = collector();
    await score({ model: MODEL, input: createReadStream(fixture('types', 'types.csv')), output: stream, bind: { x: 'f1' } });
    expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort')).toEqual([]);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

test('inspectModel() gives plain facts', async () => {
  const facts = await inspectModel(fixture('adult', 'adult.onnx'));
  expect(facts).toMatchObject({ family: 'linear', classes: ['<=50K', '>50K'], fixedBatch: null });
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
});
