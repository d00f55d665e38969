/** `1234567` as `1,234,567`. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** Bytes in the largest unit that leaves at least 1, by 1,024. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? ''}`;
}

/** Seconds: `0.08 s`, `12.3 s`, `4 min 05 s`, `2 h 03 min`. */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Rows a second; no rate is claimed for no time. */
export function rateText(rows: number, seconds: number): string {
  return seconds > 0 ? `${countText(rows / seconds)} rows/s` : '- rows/s';
}

/** `1 row`, `2 rows`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A figure of the data as a person reads it: at most five digits, thousands apart. What is no number stays the text that it is (`inf`, `NaN`). */
export function numberText(figure: number | bigint | string | null | undefined): string {
  if (figure === null || figure === undefined) return '-';
  if (typeof figure !== 'number') return String(figure);
  if (Number.isInteger(figure) && Math.abs(figure) < 1e9) return figure.toLocaleString('en-US');
  const size = Math.abs(figure);
  if (size >= 1e9 || size < 1e-4) return figure.toExponential(3).replace(/\.?0+e/, 'e');
  return figure.toLocaleString('en-US', { maximumSignificantDigits: 5 });
}

/** A share of 0 ... 1 as percent; one that is not 0 never reads as 0, and one below 1 never as 100. */
export function shareText(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '-';
  if (share === 0) return '0%';
  if (share < 0.0001) return '<0.01%';
  if (share < 1 && share > 0.9999) return '>99.99%';
  const percent = share * 100;
  return `${percent.toLocaleString('en-US', { maximumFractionDigits: percent < 10 ? 2 : 1 })}%`;
}

/** A figure beside an axis, where there is little room: `120K`, `1.5M`. */
export function axisText(figure: number): string {
  return Math.abs(figure) < 10_000 ? numberText(figure) : figure.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
}

/** A text of the data; in quotes where it begins or ends in blanks, by which such texts differ most often and nobody sees it, or is none. */
export function valueText(value: string): string {
  return value.trim() === value && value !== '' ? value : JSON.stringify(value);
}
