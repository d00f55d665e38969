import { InputError } from '../../errors/errors.js';

/** Where bytes stand: the source's name where it is known (not in a worker), and the absolute position. */
export interface Where {
  readonly file?: string;
  readonly byte: number;
}

/** The bytes contradict the Arrow format, or themselves. */
export function corrupt(where: Where, message: string, cause?: unknown): InputError {
  return new InputError('arrow-corrupt', `not valid Arrow data: ${message}`, {
    place: where,
    fix: 'Write the file again: it was damaged after it was written, or its writer is at fault.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The source ends before the Arrow format allows it to. */
export function truncated(where: Where, message: string): InputError {
  return new InputError('arrow-truncated', `the input ends too early: ${message}`, {
    place: where,
    fix: 'Copy or write the input again: its producer stopped, or the copy was cut off.',
  });
}

/** A message that takes more memory than is believed of it. */
export function tooLarge(where: Where, message: string): InputError {
  return new InputError('arrow-too-large', message, {
    place: where,
    fix: 'Write the file in smaller record batches: pyarrow.feather.write_feather(table, path, chunksize=65536).',
  });
}

/** A column of a type that cannot be read or kept. */
export function unsupportedType(column: string, type: string, why: string): InputError {
  return new InputError('arrow-type', `column "${column}" has the type ${type}: ${why}`, {
    place: { column },
    fix: 'Name the columns to keep without it (--keep), cast it to a plain type, or leave it out of the file.',
    details: { column, type },
  });
}

/** Runs what reads metadata; whatever it trips over (an offset past the end, text that is not UTF-8) becomes `arrow-corrupt`. */
export function guarded<Result>(where: Where, what: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw corrupt(where, `${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}
