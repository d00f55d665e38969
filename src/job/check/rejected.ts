import type { RejectCode, RowReject } from '../../batch/reject.js';
import { judgeEnd } from '../../check/limits.js';
import { InputError } from '../../errors/errors.js';
import { delimiterFix, splittingDelimiter } from '../../format/csv/header.js';
import type { ScoreOptions } from '../../run/options.js';
import { DEFAULT_MAX_REJECTS } from '../../run/settings.js';
import { failed, ok, warning, type Evidence, type Finding } from './finding.js';
import type { FirstRows } from './first-rows.js';
import { rejectsByCode, type Survey } from './survey.js';
import { countText, ofText, plural, rowText, secondsText } from './texts.js';
import type { Trial } from './trial.js';

export interface RejectedRequest {
  readonly options: ScoreOptions;
  readonly file: string;
  readonly first: FirstRows;
  readonly survey: Survey;
  readonly trial: Trial | undefined;
  /** The values that cannot be read are told of elsewhere. */
  readonly isOfValues: boolean;
}

/** Rejected by the decoders for what stands in a cell. */
const OF_VALUES: ReadonlySet<RejectCode> = new Set(['not-a-number', 'not-an-integer', 'not-a-boolean', 'out-of-range', 'missing-value', 'unseen-category', 'outside-range', 'wrong-type']); // prettier-ignore
/** Only the model shows them. */
const OF_THE_MODEL: ReadonlySet<RejectCode> = new Set(['runtime-error', 'undecided']);

/** How many of the first rows are rejected, by what, and whether a run is sure to fail by that. */
export function rejectedFinding(request: RejectedRequest): Finding {
  const { survey, trial } = request;
  const late = trial === undefined ? [] : lateRejects(trial);
  const rejects = [...survey.rejects, ...late];
  const byCode = rejectsByCode(rejects);
  const scored = trial === undefined ? '' : `${plural(trial.accounting.scored, 'row')} scored in ${secondsText(trial.seconds)}, start included`;
  const failure = judge(request, rejects);
  if (rejects.length === 0) {
    if (failure !== undefined) return failed('first rows', failure);
    const read = `${survey.isWhole && survey.rows > 1 ? 'all ' : ''}${plural(survey.rows, 'row')} read, none rejected`;
    return ok('first rows', scored === '' ? read : `${read}; ${scored}`, { details: detailsOf(survey, byCode, trial) });
  }
  const counts = byCode.map(([code, alike]) => `${code} ${countText(alike.length)}`).join(', ');
  const rejected = `${ofText(rejects.length, survey.rows)} rows ${survey.isWhole ? '' : 'read '}${failure === undefined ? 'would be' : 'are'} rejected`;
  const evidence: Evidence = {
    lines: byCode.filter(([code]) => !OF_VALUES.has(code)).map(([code, alike]) => lineOf(code, alike)),
    details: detailsOf(survey, byCode, trial),
    fix: fixOf(byCode, request),
  };
  if (failure !== undefined) return failed('first rows', failure, { ...evidence, text: `${rejected}, ${limitText(request.options)} allowed: ${counts}` });
  return warning('first rows', 'rows-rejected', `${rejected}: ${counts}`, evidence);
} // prettier-ignore

function lateRejects({ accounting }: Trial): readonly RowReject[] {
  const { firstReject, byCode } = accounting;
  return [...byCode].flatMap(([code, rows]) =>
    OF_THE_MODEL.has(code as RejectCode) && firstReject !== undefined
      ? Array.from({ length: rows }, (): RowReject => ({ ...firstReject, code: code as RejectCode, column: null, message: 'the model failed on it' }))
      : [],
  );
}

/** Would a run fail? Of an input that is read in part only what cannot be mended by the rows behind. */
function judge({ options, file, survey }: RejectedRequest, rejects: readonly RowReject[]): InputError | undefined {
  const maxRejects = options.maxRejects ?? DEFAULT_MAX_REJECTS;
  if (!survey.isWhole && maxRejects.kind === 'share') return undefined;
  try {
    judgeEnd(
      { rowsIn: survey.rows, rejected: rejects.length, stoppedEarly: !survey.isWhole },
      {
        maxRejects,
        expectRows: survey.isWhole && options.limit === undefined ? options.expectRows : undefined,
        allowEmpty: options.allowEmpty ?? !survey.isWhole,
        file,
        rejectsPath: undefined,
        first: rejects.toSorted((a, b) => a.row - b.row)[0],
      },
    );
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

function limitText({ maxRejects = DEFAULT_MAX_REJECTS }: ScoreOptions): string {
  if (maxRejects.kind === 'share') return `${Number((maxRejects.share * 100).toPrecision(12))}%`;
  return maxRejects.rows === 0 ? 'none' : countText(maxRejects.rows);
}

function lineOf(code: RejectCode, alike: readonly RowReject[]): string {
  const [first] = alike;
  if (first === undefined) return code;
  return `${code}, first in ${rowText(first)}: ${first.message.replace(/; where .*$/, '')}`;
}

function detailsOf(survey: Survey, byCode: ReturnType<typeof rejectsByCode>, trial: Trial | undefined): Readonly<Record<string, unknown>> {
  return {
    rows: survey.rows,
    isWhole: survey.isWhole,
    scored: trial?.accounting.scored ?? null,
    rejected: byCode.reduce((sum, [, alike]) => sum + alike.length, 0),
    byCode: Object.fromEntries(byCode.map(([code, alike]) => [code, alike.length])),
    seconds: trial?.seconds ?? null,
  };
}

/** What mends the rows that are rejected for the commonest reason. */
function fixOf(byCode: ReturnType<typeof rejectsByCode>, { first, isOfValues }: RejectedRequest): string | undefined {
  const [[code, alike] = []] = byCode;
  if (code === undefined || alike === undefined) return undefined;
  if (OF_VALUES.has(code)) return isOfValues ? 'Mend what is named below, or allow so many rejects: --max-rejects N or P%.' : undefined;
  switch (code) {
    case 'ragged-row':
      return raggedFix(alike, first);
    case 'invalid-utf8':
      return 'If the whole file is in another encoding, name it: --encoding windows-1252.';
    case 'bad-quote':
    case 'unclosed-quote':
      return alike.some(({ record }) => record.includes('\\"'))
        ? "Quotes are escaped by a backslash: give --escape '\\'."
        : 'If the file does not quote fields, give --quote none; if by another mark, name it with --quote.';
    default:
      return undefined;
  }
}

/** Another delimiter, a delimiter at the end of each line, or cells that are left out at the end. */
function raggedFix(alike: readonly RowReject[], { decoder }: FirstRows): string | undefined {
  if (decoder.format !== 'csv') return undefined;
  const { dialect, columns } = decoder;
  const delimiters = alike.slice(0, 50).map(({ record }) => splittingDelimiter(Buffer.from(record), dialect, (fields) => fields === columns));
  const [delimiter] = delimiters;
  if (columns > 1 && delimiter !== undefined && delimiters.every((other) => other === delimiter)) return delimiterFix(delimiter);
  const isEnded = alike.every(({ record }) => record.trimEnd().endsWith(dialect.delimiter));
  const found = alike.map(({ message }) => Number(/found (\d+) field/.exec(message)?.[1] ?? 0));
  if (found.every((fields) => fields < columns)) return 'If what is left out at the end is missing: --ragged fill.';
  if (isEnded) return 'The lines end with a delimiter that the header does not have: --ragged fill cuts it off.';
  return `Cells that hold ${JSON.stringify(dialect.delimiter)} must be quoted in the export.`;
}
