import * as v from 'valibot';
import { didYouMean, nearMisses } from '../errors/nearest.js';
import { QUANTILES, type Quantiles } from '../profile/figures.js';
import { ACTIONS } from './contract.js';
import { isCellCounts, isIsoTime, isTextCounts } from './shapes.js';
import { FIELD_TYPES } from './table-schema.js';

/** A field with what editors show of it. */
function described<S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(schema, v.description(description));
}

/** An object of these keys and no other: a misspelt key would be a rule that nobody keeps. */
function object<T extends v.ObjectEntries>(entries: T): v.StrictObjectSchema<T, (issue: v.StrictObjectIssue) => string> {
  const keys = Object.keys(entries);
  const schema = v.strictObject(entries, ({ expected, received, path }) => {
    const key = path?.at(-1)?.key;
    if (expected === 'never') return `unknown key ${received}${didYouMean(nearMisses(String(key), keys)) || `; known are ${keys.join(', ')}`}`;
    return received === 'undefined' ? `the key ${expected} is missing` : `expected an object, found ${received}`;
  });
  return withoutLists(schema);
}

/** A list is an object to the library, with unknown or missing keys. */
function withoutLists<S extends v.GenericSchema>(schema: S): S {
  const run: S['~run'] = (dataset, config) => {
    if (!Array.isArray(dataset.value)) return schema['~run'](dataset, config);
    v._addIssue({ ...schema, message: 'expected keys with values in braces, found a list' } as never, 'type', dataset, config);
    return dataset as never;
  };
  return { ...schema, '~run': run };
}

function number(expected: string) {
  return v.pipe(v.number(`expected ${expected}`), v.finite(`expected ${expected}`));
}

const COUNT = 'expected a whole number, 0 or more';
const count = v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(0, COUNT));
const text = v.string('expected a text in quotes');
const flag = v.boolean('expected true or false');
const name = v.pipe(v.string('expected a name in quotes'), v.nonEmpty('expected a name, found an empty text'));
const columnName = v.pipe(v.string('expected a column name in quotes'), v.nonEmpty('expected a column name, found an empty text'));
const names = v.pipe(v.array(columnName, 'expected a list of column names'), v.minLength(1, 'expected at least one name'));
const DIGEST = 'expected 64 hexadecimal digits in lower case, a sha256';
const digest = v.pipe(v.string(DIGEST), v.regex(/^[0-9a-f]{64}$/, DIGEST));
const TIME = 'expected a date such as "2026-06-30", or an instant with its zone such as "2026-06-30T18:00:00Z" or "2026-06-30T20:00:00+02:00"';
const time = v.pipe(v.string(TIME), v.check(isIsoTime, TIME));
const PROBABILITY = 'expected a probability, 0 to 1';

const missingValues = described(
  v.array(v.union([v.string(), object({ value: v.string(), label: v.optional(v.string()) })], 'expected a text, or an object with value and label'), 'expected a list of texts'),
  'Texts that stand for a missing value.',
); // prettier-ignore

const TEXT_OR_NUMBER = 'expected a text or a number';
const textOrNumber = v.union([v.string(), number('a number')], TEXT_OR_NUMBER);

const field = object({
  name: described(columnName, 'The column, by its name in the data.'),
  type: v.optional(described(v.picklist(FIELD_TYPES, `expected one of ${FIELD_TYPES.join(', ')}`), 'What the values are.')),
  title: v.optional(text),
  description: v.optional(text),
  example: v.optional(v.string('expected the text of a cell, in quotes')),
  rdfType: v.optional(text),
  constraints: v.optional(
    object({
      required: v.optional(described(flag, 'No value should be missing; one that is, is counted.')),
      minimum: v.optional(described(textOrNumber, 'The least value: a number, or the text of a date or time.')),
      maximum: v.optional(described(textOrNumber, 'The greatest value: a number, or the text of a date or time.')),
      enum: v.optional(
        described(
          v.pipe(
            v.array(v.union([v.string(), number('a number'), v.boolean()], 'expected a text, a number, true or false')),
            v.minLength(1, 'expected at least one value'),
          ),
          'The only values that there may be.',
        ),
      ),
    }),
  ),
  categories: v.optional(
    described(
      v.pipe(
        v.array(v.union([textOrNumber, object({ value: textOrNumber, label: v.optional(v.string()) })], 'expected a text, a number, or an object with value and label'), 'expected a list of values'),
        v.minLength(1, 'expected at least one category'),
      ),
      'All values that the field may have, of strings and integers. Only what stands here is ever named in the journal.',
    ),
  ),
  categoriesOrdered: v.optional(flag),
  missingValues: v.optional(missingValues),
}); // prettier-ignore

const tableSchema = object({
  $schema: v.optional(text),
  fields: described(
    v.pipe(v.array(field, 'expected a list of fields'), v.minLength(1, 'expected at least one field')),
    'The columns of the data, each with what is expected of it.',
  ),
  fieldsMatch: v.optional(v.union([text, v.array(text)])),
  primaryKey: v.optional(v.union([columnName, names])),
  missingValues: v.optional(missingValues),
});

const action = v.picklist(ACTIONS, `expected one of ${ACTIONS.join(', ')}`);
const filling = v.picklist(['allow', 'value', 'reject'], 'expected one of allow, value, reject');
const rule = object({
  onMissing: v.optional(described(filling, 'A value is missing.')),
  onUnseen: v.optional(described(action, 'A value is none of the categories.')),
  onOutOfRange: v.optional(described(action, 'A value lies outside of minimum and maximum.')),
  onWrongType: v.optional(described(action, 'A value is not of the type of the field, and the model would take it.')),
  value: v.optional(described(v.string('expected the value as the text of a cell, in quotes'), 'What the action "value" puts there, as the text of a cell.')),
}); // prettier-ignore

const kpi = object({
  shareAbove: v.optional(described(object({ column: columnName, threshold: number('a number') }), 'Share of rows whose column is at least the threshold.')),
  expectedValue: v.optional(
    described(
      v.record(
        name,
        v.union([number('a number'), v.record(name, number('a number'))], 'expected a number, or result columns with numbers'),
        'expected result columns, each with its value',
      ),
      'Mean over rows of result columns, each times its value; or such values for each prediction: PREDICTION: { COLUMN: VALUE }.',
    ),
  ),
}); // prettier-ignore

const figure = v.nullable(number('a number or null'));
const metrics = v.variant(
  'kind',
  [
    object({ kind: v.literal('classification'), rows: count, accuracy: number('a number'), auc: figure, logLoss: figure, brier: figure }),
    object({ kind: v.literal('regression'), rows: count, mae: number('a number'), rmse: number('a number'), r2: figure }),
  ],
  'expected the kind "classification" or "regression"',
);

const bound = v.nullable(
  v.union([number('a number'), v.pipe(v.string(), v.regex(/^-?(?:inf|[0-9]+)$/))], 'expected a number, "inf", "-inf", digits in quotes, or null'),
);
const quantile = v.union([number('a number'), v.picklist(['inf', '-inf'])], 'expected a number, "inf" or "-inf"');
const quantiles = object(Object.fromEntries(Object.keys(QUANTILES).map((at) => [at, quantile])) as Record<keyof Quantiles, typeof quantile>);
const CELLS = 'expected pairs of whole numbers [cell, count], by cell in ascending order';
const CATEGORIES = 'expected pairs ["text", count], each text once';
/** Long lists of pairs: proven in one loop, as a contract is read at every start. */
export const cellCounts = v.custom<readonly (readonly [number, number])[]>(isCellCounts, CELLS);
export const textCounts = v.custom<readonly (readonly [string, number])[]>(isTextCounts, CATEGORIES);

const baselineColumn = v.variant(
  'kind',
  [
    object({
      name: columnName,
      kind: v.literal('number'),
      count,
      missing: count,
      mean: v.nullable(number('a number or null')),
      deviation: v.nullable(number('a number or null')),
      min: bound,
      max: bound,
      quantiles: v.nullable(quantiles),
      grid: object({ bits: v.pipe(count, v.maxValue(52, 'expected at most 52 bits')), cells: cellCounts }),
      whole: v.optional(flag),
      texts: v.optional(textCounts),
    }),
    object({
      name: columnName,
      kind: v.literal('text'),
      count,
      missing: count,
      distinct: count,
      categories: textCounts,
      other: count,
      isExact: v.optional(flag),
    }),
  ],
  'expected the kind "number" or "text"',
);

const baseline = object({
  at: described(time, 'When it was taken.'),
  source: v.optional(described(object({ name: v.optional(text), sha256: v.optional(digest) }), 'The file that it was taken from.')),
  rows: count,
  columns: described(v.array(baselineColumn), 'The features.'),
  scores: described(v.array(baselineColumn), "The model's results."),
});

/** Shape of `MODEL.contract.json`, version 1. */
export const contractSchema = object({
  $schema: v.optional(described(text, 'Where editors find this schema.')),
  version: v.literal('scoreline.contract/1', 'expected "scoreline.contract/1", the version that this Scoreline reads'),
  model: v.optional(described(object({ sha256: digest }), 'The model that it belongs to, as `scoreline inspect MODEL` prints it.')),
  features: v.optional(described(names, 'Order of the columns of a matrix input.')),
  columns: v.optional(described(v.record(v.string(), columnName, 'expected model inputs, each with its column'), 'Model input -> column, where their names differ.')),
  ids: v.optional(described(names, 'Columns that identify a row; kept in the output.')),
  classes: v.optional(
    described(v.pipe(v.array(text, 'expected a list of class names'), v.minLength(2, 'expected at least two class names')), "Names of the classes, in the model's order."),
  ),
  threshold: v.optional(
    described(v.pipe(v.number(PROBABILITY), v.minValue(0, PROBABILITY), v.maxValue(1, PROBABILITY)), 'The positive class is predicted from this probability on.'),
  ),
  positiveClass: v.optional(described(text, 'The class that the threshold speaks of.')),
  fillMissing: v.optional(
    described(
      v.record(v.string(), v.string('expected the value as the text of a cell, in quotes'), 'expected columns, each with a text'),
      'Column -> text of the value that stands for a missing one.',
    ),
  ),
  schema: v.optional(described(tableSchema, 'What is expected of a row: a Frictionless Table Schema.')),
  rules: v.optional(
    described(withoutLists(v.record(columnName, rule, 'expected columns, each with its rule')), 'Column -> what happens to values that break the schema.'),
  ),
  outputs: v.optional(
    described(
      v.array(object({ name, type: v.picklist(['number', 'integer', 'boolean', 'string'], 'expected one of number, integer, boolean, string') })),
      'The columns that scoring gives, in order.',
    ),
  ),
  target: v.optional(described(object({ column: columnName }), 'The column that the model was taught to predict.')),
  trainedThrough: v.optional(described(time, 'The last day or instant that the training data knows of.')),
  expires: v.optional(described(time, 'The last day, or the instant, until which the contract holds; runs warn from then on.')),
  metrics: v.optional(described(metrics, 'What the model got right on the data of the baseline.')),
  kpi: v.optional(described(v.record(name, kpi, 'expected names, each with shareAbove or expectedValue'), 'Business figures that are worked out from the scores.')),
  usualRows: v.optional(described(object({ min: v.optional(count), max: v.optional(count) }), 'Rows that an input usually has.')),
  golden: v.optional(
    described(
      v.array(
        object({
          row: v.record(v.string(), v.nullable(v.string('expected the text of a cell, or null for a missing value'))),
          expect: v.record(v.string(), v.union([v.number(), v.string()])),
        }),
      ),
      'Rows whose scores are known, proven at every start.',
    ),
  ),
  baseline: v.optional(described(baseline, 'The data that the model was made on, in figures.')),
}); // prettier-ignore

/** The first fault of a text that is no contract, with the path of keys to it; undefined where there is none. */
export function firstIssue(value: unknown): { readonly path: string; readonly message: string } | undefined {
  const result = v.safeParse(contractSchema, value, { abortEarly: true });
  if (result.success) return undefined;
  const issue = result.issues[0];
  return { path: v.getDotPath(issue) ?? '', message: `${issue.message}${foundText(issue.message, issue.input)}` };
}

const LONGEST_FOUND = 60;

/** What was found in the place of what was expected, where the message does not say so and it is short. */
function foundText(message: string, input: unknown): string {
  if (!message.startsWith('expected ') || message.includes(', found ') || (typeof input === 'object' && input !== null)) return '';
  const text = JSON.stringify(input) as string | undefined;
  if (text === undefined || text.length > LONGEST_FOUND) return '';
  const choices = /^expected one of (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
  return `, found ${text}${typeof input === 'string' ? didYouMean(nearMisses(input, choices)) : ''}`;
}
