import { InterruptedError, ModelError, ScorelineError } from '../errors/errors.js';
import { asDefect } from '../errors/transfer.js';

/**
 * What went wrong with the fallback, said to be so: ModelError `fallback-unusable`, for which no run takes over. Defects, interruptions and what was said of the fallback before stay what they
 * are.
 */
export function asUnusable(error: unknown, path: string): ScorelineError {
  const own = error instanceof ScorelineError ? error : asDefect(error);
  if (own.code === 'defect' || own.code.startsWith('fallback-') || own instanceof InterruptedError) return own;
  const { message, details, place } = own;
  return new ModelError('fallback-unusable', `the fallback cannot be used: ${message}`, {
    place: { ...place, file: place.file ?? path },
    details: { ...details, because: own.code },
    cause: own,
    fix: 'Score with it as the model (-m) to see what it lacks and what to do, or leave --fallback out.',
  });
}
