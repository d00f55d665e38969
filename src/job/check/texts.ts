/** Figures for people; the command line has finer ones, which this room does not know. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), units.length - 1);
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}

export function secondsText(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(seconds < 10 ? 2 : 0)} s` : `${(seconds / 60).toFixed(0)} min`;
}

export function percentText(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}

const LISTED = 8;

/** Names, the first few of many. */
export function listText(names: readonly string[]): string {
  return names.length > LISTED ? `${names.slice(0, LISTED).join(', ')}, … (${names.length} in all)` : names.join(', ');
}
