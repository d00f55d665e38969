/**
 * The one table of exit statuses (sysexits, plus the shell's own). Errors name a row of it; the command line, the journal and
 * `docs/exit-statuses.md` read it. Order is gravity: of several inputs in one run the first row that applies wins.
 */
export const STATUSES = [
  { name: 'defect', status: 70, meaning: 'a defect of Scoreline itself' },
  { name: 'io', status: 74, meaning: 'reading, writing or syncing failed' },
  { name: 'output', status: 73, meaning: 'the output cannot be created' },
  { name: 'permission', status: 77, meaning: 'a path may not be read or written' },
  { name: 'model', status: 69, meaning: 'the model is unusable' },
  { name: 'config', status: 78, meaning: 'job, contract or configuration is wrong' },
  { name: 'deadline', status: 124, meaning: 'the deadline passed' },
  { name: 'withheld', status: 76, meaning: 'a gate withheld the output' },
  { name: 'data', status: 65, meaning: 'input data is wrong: schema, too many rejects, truncated' },
  { name: 'missing', status: 66, meaning: 'the input or the model file is missing' },
  { name: 'locked', status: 75, meaning: 'locked by another run, try later' },
  { name: 'usage', status: 64, meaning: 'the command line is wrong' },
  { name: 'interrupt', status: 130, meaning: 'interrupted (SIGINT)' },
  { name: 'terminate', status: 143, meaning: 'terminated (SIGTERM)' },
  { name: 'hangup', status: 129, meaning: 'the terminal or session went away (SIGHUP)' },
  { name: 'pipe', status: 141, meaning: 'the reader of stdout went away' },
  { name: 'warning', status: 3, meaning: 'published, with a warning' },
  { name: 'ok', status: 0, meaning: 'published, every gate passed' },
] as const;

export type StatusName = (typeof STATUSES)[number]['name'];

/** The exit status of a row of the table. */
export function statusOf(name: StatusName): number {
  const row = STATUSES.find((entry) => entry.name === name);
  return row === undefined ? 70 : row.status;
}

/** The gravest of some rows of the table: that of a run of several inputs. */
export function gravest(names: Iterable<StatusName>): StatusName {
  const all = new Set(names);
  return STATUSES.find(({ name }) => all.has(name))?.name ?? 'ok';
}
