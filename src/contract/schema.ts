import * as v from 'valibot';

const name = v.pipe(v.string(), v.nonEmpty('expected a column name, found an empty text'));
const names = v.pipe(v.array(name), v.minLength(1, 'expected at least one name'));
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits in lower case, a sha256'));

/** An object of these keys and no other. */
function object<T extends v.ObjectEntries>(entries: T): v.StrictObjectSchema<T, (issue: v.StrictObjectIssue) => string> {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(entries, ({ expected, received }) =>
    expected === 'never'
      ? `unknown key ${received}; known are ${known}`
      : received === 'undefined'
        ? `the key ${expected} is missing`
        : `expected an object, found ${received}`,
  );
}

/** Shape of `MODEL.contract.json`, version 1. Unknown keys are refused: a misspelt one would be a rule that nobody keeps. */
export const contractSchema = object({
  version: v.literal('scoreline.contract/1', 'expected "scoreline.contract/1", the version that this Scoreline reads'),
  model: object({ sha256: digest }),
  features: v.optional(names),
  columns: v.optional(v.record(v.string(), name)),
  ids: v.optional(names),
  classes: v.optional(v.pipe(v.array(v.string()), v.minLength(2, 'expected at least two class names'))),
  threshold: v.optional(v.pipe(v.number(), v.minValue(0, 'expected a probability, 0 to 1'), v.maxValue(1, 'expected a probability, 0 to 1'))),
  positiveClass: v.optional(v.string()),
  fillMissing: v.optional(v.record(v.string(), v.string('expected the value as the text of a cell, in quotes'))),
  golden: v.optional(
    v.array(
      object({
        row: v.record(v.string(), v.nullable(v.string('expected the text of a cell, or null for a missing value'))),
        expect: v.record(v.string(), v.union([v.number(), v.string()])),
      }),
    ),
  ),
});

/** The first fault of a text that is no contract, with the path of keys to it; undefined where there is none. */
export function firstIssue(value: unknown): { readonly path: string; readonly message: string } | undefined {
  const result = v.safeParse(contractSchema, value, { abortEarly: true });
  if (result.success) return undefined;
  const issue = result.issues[0];
  return { path: v.getDotPath(issue) ?? '', message: issue.message };
}
