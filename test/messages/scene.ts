import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '#src/cli/report/text.js';
import { runCli } from '#src/cli/main.js';
import { asDefect } from '#src/errors/transfer.js';
import { openScorer } from '#src/job/scorer.js';
import { inspectModel } from '#src/model/inspect.js';
import type { ScoreOptions } from '#src/run/options.js';
import { score } from '#src/run/score.js';
import { recorder } from '../cli/world.js';
import { COMMAND, fixture, tempFolder } from '../support/command.js';

/** One way to come by a message: what stands in the folder, and the command line or call that trips over it. */
export interface Scene {
  readonly code: string;
  /** What is wrong, in a few words: the title of the entry. */
  readonly about: string;
  /** Text or bytes by name; a name alone is linked from `fixtures/`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly links?: readonly (keyof typeof FIXTURES)[];
  /** The line as somebody would type it, `scoreline` first. */
  readonly line?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Is stdin, or stdout, a terminal? */
  readonly terminal?: 'stdin' | 'stdout';
  /** Piped in; such a line runs in a process of its own. */
  readonly stdin?: string | Uint8Array;
  /** Run before the line, in the folder; what it gives back is called at the end. */
  readonly prepare?: () => unknown;
  /** What the folder cannot give (a full disk, another user): a call, and how the entry shows it. */
  readonly call?: { readonly shown: string; readonly run: () => unknown };
}

/** What scenes may link to, by the name that it has in their folder. */
const FIXTURES = {
  'adult.onnx': ['adult', 'adult.onnx'],
  'forest.onnx': ['adult', 'adult-forest.onnx'],
  'adult.csv': ['arrow', 'adult-head.csv'],
  'adult.arrows': ['arrow', 'adult-head.arrows'],
  'linear.onnx': ['california', 'california-linear.onnx'],
  'trees.onnx': ['california', 'california-trees.onnx'],
  'california.csv': ['arrow', 'california-head.csv'],
  'california.arrow': ['arrow', 'california-head.arrow'],
  'california.arrows': ['arrow', 'california-head.arrows'],
  'diamonds.onnx': ['diamonds', 'diamonds.onnx'],
  'diamonds.csv': ['diamonds', 'diamonds.csv'],
  'single.onnx': ['types', 'single.onnx'],
  'one-hot.onnx': ['strings', 'one-hot.onnx'],
  'mixed.onnx': ['types', 'columns-mixed.onnx'],
  'index.onnx': ['types', 'throws.onnx'],
  'color.onnx': ['types', 'string-out.onnx'],
  'fixed.onnx': ['types', 'fixed-batch.onnx'],
  'two.onnx': ['types', 'two-outputs.onnx'],
  'types.csv': ['types', 'types.csv'],
  'mean.onnx': ['types', 'lying', 'mean.onnx'],
  'noise.onnx': ['types', 'lying', 'noise.onnx'],
  'filter.onnx': ['types', 'lying', 'filter.onnx'],
} as const;

/** What a person sees, and the status that the process would end with. */
export interface Shown {
  readonly line: string;
  readonly text: string;
  readonly status: number;
}

/** Plays a scene in a new folder, which is the current one meanwhile. */
export async function play(scene: Scene): Promise<Shown> {
  const folder = tempFolder();
  for (const name of scene.links ?? []) copyFileSync(fixture(...FIXTURES[name]), join(folder, name));
  for (const [name, content] of Object.entries(scene.files ?? {})) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const home = process.cwd();
  process.chdir(folder);
  let undo: unknown;
  try {
    undo = await scene.prepare?.();
    const shown = scene.call !== undefined ? await callOf(scene.call) : scene.stdin === undefined ? await lineOf(scene) : await pipeOf(scene);
    return { ...shown, text: shown.text.replaceAll(`${folder}/`, '').replaceAll(folder, 'FOLDER') };
  } finally {
    process.chdir(home);
    if (typeof undo === 'function') await (undo as () => unknown)();
  }
}

async function lineOf({ line = '', env = {}, terminal }: Scene): Promise<Shown> {
  const stderr = recorder();
  const status = await runCli(words(line).slice(1), {
    env,
    stdin: { isTTY: terminal === 'stdin' },
    stdout: recorder(terminal === 'stdout'),
    stderr,
    stderrIsJournal: () => false,
    score: (options: ScoreOptions) => score({ workers: 1, ...options }),
    openScorer: (options) => Promise.resolve(openScorer(options)),
    inspectModel,
    readText: (path) => readFileSync(path, 'utf8'),
    now: () => new Date('2026-01-02T03:04:05Z'),
    uptimeMs: () => 0,
    signal: new AbortController().signal,
    version: '0.0.0',
  });
  return { line, text: stderr.text, status };
}

async function pipeOf({ line = '', env = {}, stdin = '' }: Scene): Promise<Shown> {
  const child = spawn(process.execPath, [COMMAND, ...words(line).slice(1)], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (piece: Buffer) => (text += piece.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const status = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 0)));
  return { line: `producer | ${line}`, text, status };
}

async function callOf({ shown, run }: NonNullable<Scene['call']>): Promise<Shown> {
  try {
    await run();
  } catch (error) {
    const own = asDefect(error);
    return { line: shown, text: errorText(own, { color: false, verbose: false }), status: own.status };
  }
  return { line: shown, text: '', status: 0 };
}

/** A line taken apart as a shell does, for words and single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}
