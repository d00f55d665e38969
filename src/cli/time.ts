/**
 * A point in time as somebody wrote it, before it is known where they are: so long ago, a day counted from today, or a date, with or without a clock and a zone.
 */
export type TimePoint =
  | { readonly kind: 'ago'; readonly ms: number }
  | { readonly kind: 'day'; /** 0: today, -1: yesterday. */ readonly days: number }
  | {
      readonly kind: 'date';
      readonly year: number;
      readonly month: number;
      readonly day: number;
      /** Milliseconds since midnight; undefined: the whole day. */
      readonly clockMs: number | undefined;
      /** Minutes east of UTC; undefined: where this machine is. */
      readonly zoneMinutes: number | undefined;
    };

const DAYS: Readonly<Record<string, number>> = { today: 0, yesterday: -1 };
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** `today`, `yesterday`, `2026-11-01`, `2026-11-01T06:00`, `2026-11-01 06:00:30.5Z`, `...+01:00`; undefined for anything else, and for days that there are none of. */
export function parseTime(text: string): TimePoint | undefined {
  if (Object.hasOwn(DAYS, text)) return { kind: 'day', days: DAYS[text] ?? 0 };
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part: string | undefined) => (part === undefined ? undefined : Number(part)));
  const thousandths = Number((match[7] ?? '').padEnd(3, '0'));
  if (day < 1 || day > daysIn(year, month) || (hour ?? 0) > 23 || minute > 59 || second > 59) return undefined;
  const clockMs = hour === undefined ? undefined : ((hour * 60 + minute) * 60 + second) * 1000 + thousandths;
  return { kind: 'date', year, month, day, clockMs, zoneMinutes: zoneMinutes(match[8]) };
}

/** 0 for a month that there is none of. */
function daysIn(year: number, month: number): number {
  return month >= 1 && month <= 12 ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 0;
}

function zoneMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return zone === undefined ? undefined : 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}

/**
 * The moment that was meant, in milliseconds since 1970. A day without a clock begins at its midnight, and for `edge: 'end'` ends just before the next: so
 * `--since 2026-11-01 --until 2026-11-01` is that day.
 *
 * @param utc dates without a zone are of UTC, not of this machine's zone.
 */
export function momentOf(
  point: TimePoint,
  { now, utc, edge }: { readonly now: Date; readonly utc: boolean; readonly edge: 'start' | 'end' },
): number {
  switch (point.kind) {
    case 'ago':
      return now.getTime() - point.ms;
    case 'day': {
      const [year, month, day] = utc
        ? [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
        : [now.getFullYear(), now.getMonth(), now.getDate()];
      return edgeOf({ year, month: month + 1, day: day + point.days }, utc, edge);
    }
    case 'date': {
      const { clockMs, zoneMinutes } = point;
      if (clockMs === undefined) return edgeOf(point, utc, edge);
      if (zoneMinutes !== undefined) return midnight(point, true) + clockMs - zoneMinutes * 60_000;
      // by the clock on the wall: a day with a change of the clocks has another number of hours
      return utc ? midnight(point, true) + clockMs : new Date(point.year, point.month - 1, point.day, 0, 0, 0, clockMs).getTime();
    }
  }
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function edgeOf(day: Day, utc: boolean, edge: 'start' | 'end'): number {
  return edge === 'start' ? midnight(day, utc) : midnight({ ...day, day: day.day + 1 }, utc) - 1;
}

function midnight({ year, month, day }: Day, utc: boolean): number {
  return utc ? Date.UTC(year, month - 1, day) : new Date(year, month - 1, day).getTime();
}
