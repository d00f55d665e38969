import { timeText } from '../journal/table.js';

/** `2026-11-22 02:15:03 +01:00`: pages are read elsewhere than where they are made, so a local time says which. In UTC with a Z. */
export function zonedTime(utc: boolean): (ms: number) => string {
  if (utc) return (ms) => timeText(ms, true);
  return (ms) => `${timeText(ms, false)} ${offsetText(-new Date(ms).getTimezoneOffset())}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function pad(figure: number): string {
  return String(figure).padStart(2, '0');
}
