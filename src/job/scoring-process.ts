import { ScorelineError } from '../errors/errors.js';
import { asDefect, packError, unpackError } from '../errors/transfer.js';
import { ownProcess } from '../run/engine.js';
import { dismissIdle, hireAhead } from '../run/hire.js';
import { stayWarm } from '../run/warm.js';
import type { FromScorer, ToScorer } from './protocol.js';

/** Progress is told so often at most: people cannot read faster. */
const PROGRESS_MS = 50;

/** Signals of a terminal or a service manager reach the whole group; what they mean for the run is the supervisor's to say. */
const LEFT_TO_SUPERVISOR = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The process that scores, beneath its supervisor (`scorer.ts`): one run after the other, as it is told over the channel, with workers that stay warm in
 * between. Prints nothing. A supervisor that is gone takes this process with it, at once, wherever it is: what it leaves is what a killed run leaves.
 */
function serve(host: NodeJS.Process): void {
  for (const name of LEFT_TO_SUPERVISOR) host.on(name, () => undefined);
  const end = (): boolean => host.kill(host.pid, 'SIGKILL');
  host.once('disconnect', end);
  if (!host.connected) end(); // it went while this process started
  stayWarm();
  let stop: AbortController | undefined;
  const tell = (message: FromScorer): void => void host.send?.(message, undefined, undefined, () => undefined);

  host.on('uncaughtException', (error) => {
    if (stop === undefined) tell({ kind: 'failed', error: packError(error) });
    else stop.abort(asDefect(error));
  });
  host.on('message', (message: ToScorer) => {
    switch (message.kind) {
      case 'score': {
        const controller = new AbortController();
        stop = controller;
        void run(message, controller.signal, tell).finally(() => (stop = undefined));
        return;
      }
      case 'stop':
        stop?.abort(unpackError(message.error));
        return;
      case 'close':
        host.removeAllListeners('disconnect');
        void dismissIdle();
        host.disconnect();
    }
  });
}

async function run(
  { options, events, memoryBytes, deadlineMs }: Extract<ToScorer, { kind: 'score' }>,
  signal: AbortSignal,
  tell: (message: FromScorer) => void,
): Promise<void> {
  let toldMs = 0;
  try {
    const { scoreOnce } = await import('../run/score.js');
    const summary = await scoreOnce(
      {
        ...options,
        signal,
        onWarning: (warning) => tell({ kind: 'warning', warning }),
        ...(events ? { onEvent: (event) => tell({ kind: 'event', event }) } : {}),
        onProgress: (progress) => {
          const nowMs = performance.now();
          if (nowMs - toldMs < PROGRESS_MS) return;
          toldMs = nowMs;
          tell({ kind: 'progress', progress });
        },
      },
      {
        begun: (begun) => tell({ kind: 'begun', run: begun }),
        reading: () => tell({ kind: 'reading' }),
        publishing: () => tell({ kind: 'publishing' }),
        published: (outcome) => tell({ kind: 'published', outcome }),
        memoryBytes,
        deadlineMs,
      },
    );
    tell({ kind: 'done', summary });
  } catch (error) {
    tell({ kind: 'failed', error: packError(error instanceof ScorelineError ? error : asDefect(error)) });
  }
}

if (process.send !== undefined) {
  ownProcess();
  hireAhead(); // before the engine is read
  serve(process);
}
