import type { FolderFigures } from '../../publish/measure.js';
import { bytesText, countText } from '../../report/figures.js';

export { bytesText, countText, plural, secondsText } from '../../report/figures.js';

export function percentText(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}

/** `120 MB/s written and synced`, or that this could not be measured. */
export function writePaceText({ writeBytesPerSecond, freeBytes }: FolderFigures): string {
  if (writeBytesPerSecond !== undefined) return `${bytesText(writeBytesPerSecond)}/s written and synced`;
  return `how fast is not measured, as only ${bytesText(freeBytes)} are free`;
}

const LISTED = 8;

/** Names, the first few of many. */
export function listText(names: readonly string[]): string {
  return names.length > LISTED ? `${names.slice(0, LISTED).join(', ')}, … (${countText(names.length)} in all)` : names.join(', ');
}

/** Of so many: `all 1,000`, or `12 of 1,000`. */
export function ofText(part: number, whole: number): string {
  return part === whole && whole > 1 ? `all ${countText(whole)}` : `${countText(part)} of ${countText(whole)}`;
}

const LONGEST_VALUE = 32;

/** A value of a cell in quotes, cut to what a line has room for. */
export function valueText(value: string): string {
  return JSON.stringify(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value);
}

/** `"age"`, or `"age" and 3 more columns`. */
export function columnsText(names: readonly string[]): string {
  const [first = ''] = names;
  const rest = names.length - 1;
  const shown = first.length > LONGEST_VALUE ? `${first.slice(0, LONGEST_VALUE)}…` : first;
  return rest === 0 ? shown : `${shown} and ${countText(rest)} more ${rest === 1 ? 'column' : 'columns'}`;
}

/** `row 3, line 4`. */
export function rowText({ row, line }: { readonly row?: number | undefined; readonly line?: number | null | undefined }): string {
  return `row ${row}${line === undefined || line === null ? '' : `, line ${line}`}`;
}

const LONGEST_PATH = 40;

/** A path, without its first folders where it is long. */
export function pathText(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  const slash = path.indexOf('/', path.length - LONGEST_PATH + 1);
  return `…${slash < 0 ? path.slice(1 - LONGEST_PATH) : path.slice(slash)}`;
}
