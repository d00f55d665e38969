import { InterruptedError } from '#src/errors/errors.js';
import type { Effects, TextStream } from '#src/cli/effects.js';
import { runCli } from '#src/cli/main.js';
import type { RunSummary, ScoreOptions } from '#src/run/options.js';

/** A stream that keeps what is written to it. */
export interface Recorder extends TextStream {
  text: string;
}

export function recorder(isTTY = false, columns: number | undefined = isTTY ? 80 : undefined): Recorder {
  const self: Recorder = {
    text: '',
    isTTY,
    columns,
    write: (text) => {
      self.text += text;
    },
    raw: () => ({ isTTY, columns, write: (text: string) => Boolean((self.text += text)) }) as unknown as NodeJS.WritableStream,
  };
  return self;
}

export interface WorldOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly files?: Record<string, string>;
  readonly score?: Effects['score'];
  readonly inspectModel?: Effects['inspectModel'];
  readonly signal?: AbortSignal;
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the engine was called with, without callbacks. */
  readonly options: Omit<ScoreOptions, 'signal' | 'onProgress' | 'onWarning'> | undefined;
}

/** Runs a command line in a world made for it: nothing real is touched. */
export async function cli(argv: readonly string[], world: WorldOptions = {}): Promise<Outcome> {
  const [stdout, stderr] = [recorder(world.stdout), recorder(world.stderr)];
  let options: Outcome['options'];
  const status = await runCli(argv, {
    env: world.env ?? {},
    stdin: { isTTY: world.stdin ?? false },
    stdout,
    stderr,
    stderrIsJournal: () => false,
    score: async (given) => {
      const callbacks = ['signal', 'onProgress', 'onWarning'];
      options = Object.fromEntries(Object.entries(given).filter(([key]) => !callbacks.includes(key))) as unknown as Outcome['options'];
      return world.score === undefined ? SUMMARY : world.score(given);
    },
    openScorer: () => Promise.reject(new Error('no other process in this world')),
    inspectModel: world.inspectModel ?? (() => Promise.reject(new Error('no model in this world'))),
    readText: (path) => {
      const text = world.files?.[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
    now: () => new Date('2026-01-02T03:04:05Z'),
    uptimeMs: () => 0,
    signal: world.signal ?? new AbortController().signal,
    version: '9.8.7',
  });
  return { status, stdout: stdout.text, stderr: stderr.text, options };
}

export const SUMMARY: RunSummary = {
  runId: '01900000-0000-7000-8000-000000000000',
  rowsIn: 48_842,
  scored: 48_839,
  rejected: 3,
  rejectedByCode: { 'ragged-row': 1, 'not-a-number': 2 },
  model: { path: 'm.onnx', sha256: 'ab'.repeat(32) },
  input: 'in.csv',
  output: 'out.csv',
  rejects: 'out.csv.rejects.csv',
  journal: 'out.csv.journal.jsonl',
  seconds: 0.84,
  warnings: [{ code: 'label-contradiction', message: '7 labels contradict their own probabilities', count: 7 }],
  workers: 2,
  plan: { limitedBy: 'cores', threads: 1, chunkBytes: 1 << 20, batchRows: 2048, machine: { cores: 2, memoryBytes: 8 * 2 ** 30 } },
  gates: [],
  peakMemoryBytes: 171 * 1024 * 1024,
  columns: ['id', 'prediction'],
};

export const INTERRUPTED = new InterruptedError('interrupted', 'stopped by SIGINT; nothing was published');
