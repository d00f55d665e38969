import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** One attempt may take so long, so that there is time for another. */
const ATTEMPT_MS = 2000;
const PAUSE_MS = 250;
const ATTEMPTS = 2;

export interface PostOptions {
  readonly apiKey: string | undefined;
  /** Ends it, with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Posts JSON, once more where nobody answered or the server was at fault. Proxies of the environment are not used, redirects not followed: it goes where it was sent, and nowhere else.
 * Throws what the system says, the reason of the signal, and RefusedError.
 */
export async function post(url: URL, body: string, options: PostOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await postOnce(url, body, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (attempt === ATTEMPTS || (error instanceof RefusedError && !error.passing)) throw error;
      await wait(PAUSE_MS, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
    }
  }
}

/** The server has answered, and not taken it. */
export class RefusedError extends Error {
  /** True where another attempt may go better. */
  readonly passing: boolean;

  constructor(status: number) {
    super(`the server answered with status ${status}`);
    this.passing = status >= 500 || status === 429;
  }
}

async function postOnce(url: URL, body: string, { apiKey, signal }: PostOptions): Promise<void> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const bytes = Buffer.from(body);
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Error('the server does not answer')), ATTEMPT_MS);
  const headers = {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  try {
    const status = await new Promise<number>((resolve, reject) => {
      const limit = AbortSignal.any([signal, own.signal]);
      const sent = request(url, { method: 'POST', agent: false, headers, signal: limit }, (answer: IncomingMessage) => {
        answer.on('error', reject).on('end', () => resolve(answer.statusCode ?? 0)).resume(); // prettier-ignore
      });
      sent.on('error', (error) => reject(limit.aborted ? (limit.reason as Error) : error));
      sent.end(bytes);
    });
    if (status < 200 || status > 299) throw new RefusedError(status);
  } finally {
    clearTimeout(timer);
  }
}
