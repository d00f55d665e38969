import type { Warning } from '../../run/options.js';
import type { StudiedData } from '../../run/profile/study-data.js';

/** What whoever asked for a contract of data should know of how its columns were taken. No value of the data is named. */
export function notesOfData({ columns, isHeaderDoubtful }: StudiedData): Warning[] {
  const keys = columns.filter(({ isKey }) => isKey).map(({ figures }) => figures.name);
  const empty = columns.filter(({ type }) => type === 'nothing').map(({ figures }) => figures.name);
  return [
    ...(isHeaderDoubtful ? [note('header-of-numbers', 'numbers stand where names of columns are expected: a file without header is read by --no-header --columns NAMES', 1)] : []),
    ...columns.filter(({ invalid }) => invalid > 0).map(({ figures, invalid }) => note('invalid-numbers', `${count(invalid, 'value')} of the column "${figures.name}" ${invalid === 1 ? 'is' : 'are'} no number, as all others are: counted as missing`, invalid)),
    ...(keys.length === 0 ? [] : [note('likely-id', `${listed(keys)} rise${keys.length === 1 ? 's' : ''} or fall${keys.length === 1 ? 's' : ''} from row to row like an id: not in the baseline`, keys.length)]),
    ...(empty.length === 0 ? [] : [note('empty-column', `${listed(empty)} ${empty.length === 1 ? 'has' : 'have'} no value: the type is any`, empty.length)]),
  ];
} // prettier-ignore

const NAMED = 5;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => `"${name}"`).join(', '); // prettier-ignore
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function note(code: string, message: string, times: number): Warning {
  return { code, message, count: times };
}
