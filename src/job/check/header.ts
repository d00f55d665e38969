import { InputError } from '../../errors/errors.js';
import { shellQuoted } from '../../model/bind-messages.js';
import type { FirstRows } from './first-rows.js';
import { failed, ok, warning, type Finding } from './finding.js';
import type { ColumnMatch, Renamed } from './match-columns.js';
import type { PlannedFirst } from './plan-first.js';
import { countText, listText, ofText, percentText, plural } from './texts.js';

/** The header against what the model reads: what is missing, what may be meant, what is left over, and the order. */
export function headerFindings(first: FirstRows, planned: PlannedFirst, idleShare: number | undefined): readonly Finding[] {
  const { plan, layout, match, failure } = planned;
  const columns = first.schema.columns.map(({ name }) => name);
  const found = new Map(match.renamed.map(({ column, found: name }) => [column, name]));
  const wanted = [...new Set(layout?.fields.map(({ name }) => name))];
  const read = new Set(wanted.map((name) => found.get(name) ?? name));
  const kept = new Set(failure === undefined ? plan?.layout.kept.map(({ name }) => name) : []);
  const idle = columns.filter((name) => !read.has(name) && !kept.has(name));
  if (failure !== undefined) {
    const isMissing = failure instanceof InputError && failure.code === 'missing-column';
    if (!isMissing) return [failed('columns', failure)];
    const told = missingFinding(failure, { match, wanted, first });
    // where nothing is known of a header, it may well be data
    const isKnown = match.absent.length < wanted.length && idle.length > 0;
    return [told, ...(isKnown ? [ok('unused', `not read by the model: ${listText(idle)}`, { details: { columns: idle } })] : [])];
  }
  const order = isInOrder(wanted, columns) ? '' : ', bound by name in another order';
  return [
    ok('columns', `${read.size} read by the model${order}, ${kept.size} kept; the output has ${listText(plan?.columns ?? [])}`, {
      details: { read: [...read], kept: [...kept], output: plan?.columns ?? [] },
    }),
    ...unusedFindings(idle, idleShare),
  ];
}

function unusedFindings(idle: readonly string[], share: number | undefined): readonly Finding[] {
  if (idle.length === 0) return [];
  const details = { columns: idle, share: share ?? null };
  const names = listText(idle);
  if ((share ?? 0) > 0.5) {
    return [
      warning('unused', 'unused-columns', `${percentText(share ?? 0)} of the bytes are of columns that are neither read nor kept: ${names}`, {
        details,
      }),
    ];
  }
  return [ok('unused', `neither read nor kept: ${names}${share === undefined ? '' : ` (${percentText(share)} of the bytes)`}`, { details })];
}

interface Header {
  readonly match: ColumnMatch;
  readonly wanted: readonly string[];
  readonly first: FirstRows;
}

function missingFinding(error: InputError, { match: { renamed, absent }, wanted, first }: Header): Finding {
  const count = renamed.length + absent.length;
  const isNone = renamed.length === 0 && absent.length === wanted.length;
  const columns = first.schema.columns.map(({ name }) => name);
  return failed('columns', error, {
    text: isNone
      ? `the input has none of the ${countText(wanted.length)} columns that the model reads, and ${plural(columns.length, 'other')}`
      : absent.length === 0
        ? `${ofText(count, wanted.length)} columns that the model reads ${count === 1 ? 'goes by another name' : 'go by other names'} in the input`
        : `${ofText(count, wanted.length)} columns that the model reads ${count === 1 ? 'is' : 'are'} missing from the input`,
    lines: isNone
      ? [`the model reads ${listText(wanted)}`]
      : [
          ...renamed.map(({ column, found }) => `${quoted(column)}: it has ${quoted(found)}${blanksOf(found)}`),
          ...absent.map(({ column }) => `${quoted(column)}: it has nothing like it`),
        ],
    fix: isNone && columns.some(isNumber) ? HEADERLESS : renamed.length === 0 ? error.fix : renaming(renamed, absent.length === 0, first),
    details: { missing: absent, renamed, flags: renamed.length === 0 ? null : flagsFor(renamed, first) },
  });
}

const HEADERLESS = 'The first line looks like data, not like a header: --no-header --columns NAMES.';

function isNumber(name: string): boolean {
  return name.trim() !== '' && Number.isFinite(Number(name));
}

/** A line to paste is no longer than this. */
const LONGEST_LINE = 110;

/** What to say of columns that go by other names. */
function renaming(renamed: readonly Renamed[], isAll: boolean, first: FirstRows): string {
  const same = renamed.length === 1 ? 'If it is the same column' : 'If these are the same columns';
  const flags = flagsFor(renamed, first);
  const isWhole = isAll || flags?.startsWith('--bind') === true;
  if (flags !== undefined && isWhole && flags.length <= LONGEST_LINE) return `${same}: ${flags}`;
  const [example] = renamed;
  const more = renamed.length === 1 ? '' : `, and so on for the other ${countText(renamed.length - 1)}`;
  return `${same}: call ${quoted(example?.found ?? '')} ${quoted(example?.column ?? '')} in the header${more}${flags === undefined ? '' : '; --json has flags for it'}.`;
}

/** The flags by which columns come to their names: an input is bound to one, the columns of a matrix are named anew. Undefined where there are none. */
function flagsFor(renamed: readonly Renamed[], { decoder, headLines, schema }: FirstRows): string | undefined {
  if (renamed.every(({ column, input }) => column === input)) return renamed.map(({ input, found }) => `--bind ${shellQuoted(`${input}=${found}`)}`).join(' ');
  const called = new Map(renamed.map(({ found, column }) => [found, column]));
  const names = schema.columns.map(({ name }) => called.get(name) ?? name);
  if (decoder.format !== 'csv' || headLines === 0 || names.some((name) => /[,\n]/.test(name))) return undefined;
  return `--skip-lines ${headLines} --no-header --columns ${shellQuoted(names.join(','))}`;
} // prettier-ignore

/** Blanks at an end of a name are not seen in print. */
function blanksOf(name: string): string {
  return name.trim() === name ? '' : ' (mind the blanks: --trim takes them off)';
}

/** Do the columns stand in the input in the order in which the model reads them, whatever stands between? */
function isInOrder(wanted: readonly string[], columns: readonly string[]): boolean {
  const places = new Map(columns.map((name, at) => [name, at]));
  return wanted.every((name, index) => index === 0 || (places.get(wanted[index - 1] ?? '') ?? 0) < (places.get(name) ?? 0));
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}
