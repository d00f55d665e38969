import * as v from 'valibot';
import { FALLBACK_CAUSES } from '../run/options.js';
import { millisecondsOf } from '../run/units.js';

/** A field with what editors show of it. */
function described<S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(schema, v.description(description));
}

function text(expected: string) {
  return v.pipe(v.string(`expected ${expected}`), v.nonEmpty(`expected ${expected}, found an empty text`));
}

const TIME = 'expected a time such as 5s, 20m or 26h';

/** A time as text, in milliseconds once read. */
function duration(description: string) {
  return v.pipe(
    v.string(TIME),
    v.regex(/^\d*\.?\d+ ?(?:ms|s|m|h|d)$/i, TIME),
    v.description(description),
    v.transform((given) => Math.round(millisecondsOf(given) ?? 0)),
  );
}

const CLOCK = 'expected a time of day such as "06:00"';
const clock = v.pipe(v.string(CLOCK), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, CLOCK));

const NAME = 'expected a name of letters, digits, dot, dash and underscore, which starts with a letter or digit';
const PLACE = 'expected a file, a URL of http or https, or env';
const ARGV = 'expected a list of a program and its arguments, such as [mail, -s, churn, ops@example.org]';
const WORD = 'expected a text; put numbers and the like in quotes';
const SUFFIX = 'expected a suffix that starts with a dot, such as .done';

/** An object of these keys and no other. */
function object<T extends v.ObjectEntries>(entries: T) {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(entries, ({ expected, received }) =>
    expected === 'never'
      ? `unknown key ${received}; known are ${known}`
      : received === 'undefined'
        ? `the key ${expected} is missing`
        : `expected keys with values (${known}), found ${received}`,
  );
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** The keys of a job file that are the job's own; beside them it has the flags of `scoreline score`. */
export const jobSchema = object({
  job: v.optional(
    described(
      v.pipe(v.string(NAME), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, NAME)),
      'Name of the job, of its state files and of its label in the journal. Default: the name of the job file without its suffix.',
    ),
  ),
  input: described(
    v.union(
      [text('a glob, a folder or a file'), v.pipe(v.array(text('a glob, a folder or a file')), v.minLength(1, 'expected at least one input'))],
      'expected a glob, a folder or a file, or a list of them',
    ),
    'What is scored: a glob (inbox/*.csv), a folder, or a file; or a list of them. Names that start with a dot are passed over, and so are links.',
  ),
  output: described(
    text('a path, such as scores/{stem}.csv'),
    'Where predictions go, made from {stem}, {name}, {date} and {run}: scores/{stem}.csv.',
  ),
  settle: v.optional(duration('How long an input must have been left alone before it is taken. Default 5s.')),
  doneMarker: v.optional(
    described(
      v.pipe(v.string(SUFFIX), v.regex(/^\.[^/]+$/, SUFFIX)),
      'An input NAME is taken once a file of this name with this suffix lies beside it: .done waits for NAME.done. In place of settle.',
    ),
  ),
  identity: v.optional(
    described(
      v.picklist(['name-and-content', 'content'], 'expected name-and-content or content'),
      'What makes two inputs the same, so that it is scored once. Default name-and-content.',
    ),
  ),
  followLinks: v.optional(
    described(v.boolean('expected true or false'), 'Take inputs that are symbolic links, wherever they lead. Default false: they are passed over.'),
  ),
  after: v.optional(
    described(
      v.union([v.picklist(['keep', 'delete']), object({ move: text('a folder') })], 'expected keep, delete, or move: FOLDER'),
      'What becomes of an input once its predictions are published: keep (the default), delete, or move: FOLDER.',
    ),
  ),
  remember: v.optional(
    duration('How long an input whose file is gone is remembered at least, so that it is not scored when it comes again. Default 400d. One that is still there is never forgotten.'),
  ),
  maxInputAge: v.optional(duration('An input whose last change is longer ago is not scored, and the run ends with 66.')),
  expect: v.optional(
    described(
      object({
        new: described(v.pipe(v.number('expected a whole number'), v.integer('expected a whole number'), v.minValue(1, 'expected at least 1')), 'How many new inputs.'),
        by: described(clock, 'Until when, each day: "06:00".'),
        since: v.optional(described(clock, 'Inputs count from this time on; later than by, it is of the day before. Default "00:00".')),
        days: v.optional(
          described(
            v.pipe(v.array(v.picklist(DAYS, `expected one of ${DAYS.join(', ')}`), 'expected a list such as [mon, tue]'), v.minLength(1, 'expected at least one day')),
            'Days on which they are expected. Default: every day.',
          ),
        ),
      }),
      'Inputs that must have come by a time of day; where they have not, the run ends with 66.',
    ),
  ),
  zone: v.optional(
    described(
      v.pipe(v.string(), v.check(isZone, 'expected a time zone such as Europe/Berlin')),
      'Time zone of {date} and expect, such as Europe/Berlin. Default: that of the machine.',
    ),
  ),
  sinks: v.optional(
    described(
      object({
        metrics: v.optional(
          described(text('a file or a folder'), 'Figures of the last run, for the textfile collector of Prometheus: a file NAME.prom, or a folder.'),
        ),
        openlineage: v.optional(
          described(
            v.pipe(v.string(PLACE), v.regex(/^(?:https?:\/\/\S+|(?![a-z][a-z0-9+.-]*:\/\/).+)$/i, PLACE)),
            'Where events of OpenLineage go: a file, a URL of http or https, or env (OPENLINEAGE_URL and its kin).',
          ),
        ),
        syslog: v.optional(
          described(v.picklist(['auto', 'always', 'never'], 'expected auto, always or never'), 'The system log; auto (the default): where systemd reads stderr.'),
        ),
      }),
      'Who else is told of each run: metrics, openlineage, syslog. Flags of scoreline run come before it.',
    ),
  ),
  fallback: v.optional(
    described(
      v.union(
        [
          text('a model or a file of rules'),
          object({
            model: described(text('a model or a file of rules'), 'An older model, or rules.'),
            on: v.optional(
              described(
                v.pipe(v.array(v.picklist(FALLBACK_CAUSES, `expected one of ${FALLBACK_CAUSES.join(', ')}`), 'expected a list such as [load, rows]'), v.minLength(1, 'expected at least one cause')),
                'What it is for. Default: all causes.',
              ),
            ),
          }),
        ],
        `expected a file, or model: FILE with on: a list of ${FALLBACK_CAUSES.join(', ')}`,
      ),
      'What scores where the model cannot: an older model, or rules. An input that it scored is published, with status 3.',
    ),
  ),
  notify: v.optional(
    described(
      v.pipe(
        v.array(v.pipe(v.string(WORD), v.check((word) => !word.includes('\0'), 'expected a text without a zero byte')), ARGV),
        v.minLength(1, ARGV),
        v.check(([program]) => program !== '', ARGV),
      ),
      'A command that is run when a gate does not hold, an input is withheld or the fallback scored: a list of the program and its arguments, without a shell. What happened stands in SCORELINE_NOTIFY_* and, as JSON, on stdin.',
    ),
  ),
  runDeadline: v.optional(duration('How long the whole run may take; deadline is for each input.')),
  lowPriority: v.optional(described(v.boolean('expected true or false'), 'Score at a low priority of the processor. Default true.')),
}); // prettier-ignore

/** The job's own keys as read: times in milliseconds. */
export type JobKeys = v.InferOutput<typeof jobSchema>;

export type Weekday = (typeof DAYS)[number];

/** Names of the job's own keys. */
export const JOB_KEYS: readonly string[] = Object.keys(jobSchema.entries);

export type KeysRead =
  { readonly ok: true; readonly keys: JobKeys } | { readonly ok: false; readonly path: readonly (string | number)[]; readonly message: string };

/** Proves the job's own keys, or gives the first fault with the path of keys to it. */
export function readJobKeys(value: unknown): KeysRead {
  const result = v.safeParse(jobSchema, value, { abortEarly: true });
  if (result.success) return { ok: true, keys: result.output };
  const issue = result.issues[0];
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  return { ok: false, path, message: issue.message };
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
