import { countText } from './figures.js';

/** Where in a file: `data.csv, row 17, line 19, column 'age'`; byte only where nothing finer is known. Not escaped. */
export function placeText(place: {
  readonly file?: string;
  readonly row?: number;
  readonly line?: number;
  readonly column?: string;
  readonly byte?: number;
}): string {
  const parts = [
    place.file,
    place.row === undefined ? undefined : `row ${countText(place.row)}`,
    place.line === undefined ? undefined : `line ${countText(place.line)}`,
    place.column === undefined ? undefined : `column '${place.column}'`,
    place.byte === undefined || place.line !== undefined ? undefined : `byte ${countText(place.byte)}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
