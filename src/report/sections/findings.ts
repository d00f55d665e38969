import type { Finding } from '../content.js';
import { countText, plural, shareText } from '../figures.js';
import type { ReportRun } from '../material.js';
import { placeText } from '../place.js';
import { isBroken, isWithheld } from './gates.js';

const MOST_NAMES = 5;

/** What a person should know first, the gravest first. */
export function findingsOf(run: ReportRun): readonly Finding[] {
  return [ending(run), ...gates(run), ...fallback(run), ...drift(run), ...unexpected(run), ...rejected(run), ...warned(run)];
}

function ending({ status, error, aborted, figures: { output, rows } }: ReportRun): Finding {
  if (error !== undefined) {
    const place = placeText(error.place);
    const end = isWithheld(error) ? 'Not published' : 'Failed';
    return { level: 'failed', text: `${end}: ${error.message}${place === '' ? '' : ` (${place})`} [${error.code}, exit status ${error.status}]` };
  }
  if (status === 'aborted') {
    const why = aborted === 'rebooted' ? 'the machine was restarted meanwhile' : 'its process died';
    return { level: 'failed', text: `Aborted: ${why}; a later run closed it` };
  }
  const published = output ?? undefined;
  return { level: 'good', text: published === undefined ? 'Ended well' : `Published ${countText(published.rows)} of ${plural(rows?.in ?? published.rows, 'row')}` };
} // prettier-ignore

function gates({ figures: { gates: all = [] } }: ReportRun): readonly Finding[] {
  const broken = all.filter(isBroken);
  const unknown = all.filter(({ verdict }) => verdict !== 'fail' && verdict !== 'pass');
  const names = (gates: typeof all): string => namesText(gates.map(({ name, column }) => (column === null ? name : `${name}(${column})`)));
  return [
    ...(broken.length === 0 ? [] : [{ level: 'warning' as const, text: `${plural(broken.length, 'gate')} of ${all.length} did not hold: ${names(broken)}` }]),
    ...(unknown.length === 0 ? [] : [{ level: 'warning' as const, text: `${plural(unknown.length, 'gate')} of ${all.length} could not be judged: ${names(unknown)}` }]),
    ...(all.length === 0 || broken.length + unknown.length > 0 ? [] : [{ level: 'good' as const, text: all.length === 1 ? 'Its gate held' : `All ${all.length} gates held` }]),
  ];
} // prettier-ignore

function fallback({ figures: { fallback: used } }: ReportRun): readonly Finding[] {
  return used === null || used === undefined
    ? []
    : [{ level: 'warning', text: `Fallback (${used.kind}) scored ${plural(used.rows, 'row')}: ${used.why}` }];
}

function drift({ figures: { drift: found, profile } }: ReportRun): readonly Finding[] {
  if (found === undefined) return profile === undefined ? [] : [{ level: 'note', text: 'Nothing to compare the data with: there is no contract with a baseline' }];
  const drifted = [...found.columns, ...found.scores].filter(({ verdict }) => verdict === 'drift').map(({ column }) => column);
  const all = found.columns.length + found.scores.length;
  if (drifted.length > 0) return [{ level: 'warning', text: `${countText(drifted.length)} of ${plural(all, 'column')} drifted: ${namesText(drifted)}` }];
  const short = [...found.columns, ...found.scores].filter(({ verdict }) => verdict === 'too-few-rows').length;
  const tail = short === 0 ? '' : `; ${plural(short, 'column')} with too few rows to tell`;
  if (found.against === 'graph' && short < all) return [{ level: 'note', text: `Without a baseline only unseen values and means were looked at: nothing found in ${plural(all, 'column')}${tail}` }];
  return [{ level: short === all ? 'note' : 'good', text: short === all ? 'Too few rows to tell whether the data has drifted' : `No column drifted${tail}` }];
} // prettier-ignore

function unexpected({ figures: { unseen = [], outOfRange = [], wrongType = [], required = [] } }: ReportRun): readonly Finding[] {
  const kinds = [
    [unseen, 'value', 'never seen in training'],
    [outOfRange, 'number', 'outside the expected range'],
    [wrongType, 'value', 'not of the expected type'],
    [required, 'value', 'missing where the contract requires one'],
  ] as const;
  return kinds.flatMap(([columns, noun, text]) => {
    const found = columns.filter(({ rows }) => rows > 0);
    return found.length === 0 ? [] : [{ level: 'warning' as const, text: `${plural(sum(found), noun)} ${text}: ${namesText(found.map(({ column }) => column))}` }];
  });
} // prettier-ignore

function rejected({ figures: { rows } }: ReportRun): readonly Finding[] {
  if (rows === undefined || rows.rejected === 0) return [];
  return [{ level: 'note', text: `${plural(rows.rejected, 'row')} rejected (${shareText(rows.rejected / rows.in)})` }];
}

function warned({ figures: { warnings = [] } }: ReportRun): readonly Finding[] {
  return warnings.length === 0 ? [] : [{ level: 'note', text: `${plural(warnings.length, 'kind')} of warning` }];
}

/** The first few names, and how many more. */
function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${countText(names.length - MOST_NAMES)} more` : shown;
}

function sum(rows: readonly { readonly rows: number }[]): number {
  return rows.reduce((total, each) => total + each.rows, 0);
}
