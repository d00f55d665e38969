import { didYouMean, namesText, nearMisses } from '../errors/nearest.js';
import type { Baseline } from './baseline.js';
import type { ColumnRule, Contract, Kpi } from './contract.js';
import { timeMs } from './shapes.js';
import { categoryTexts, categoryValue, isNumeric, missingText, type SchemaField, type TableSchema } from './table-schema.js';

/** A place of a contract that contradicts another one. */
export interface Contradiction {
  /** Keys from the top, joined by dots. */
  readonly path: string;
  readonly message: string;
}

type Said = Omit<Contract, 'path' | 'sha256'>;
type Found = Contradiction | undefined;

/** The first place where a contract of the right shape contradicts itself: what no schema can say. Pure. */
export function firstContradiction(contract: Said): Found {
  return (
    inSchema(contract.schema) ??
    inFeatures(contract) ??
    inTarget(contract) ??
    inRules(contract) ??
    inClasses(contract) ??
    inTimes(contract) ??
    inBaseline(contract) ??
    inKpi(contract) ??
    inUsualRows(contract)
  );
}

function at(path: string, message: string): Contradiction {
  return { path, message };
}

/** The first value that came before, with its position. */
function repeated<T>(values: readonly T[]): { readonly value: T; readonly index: number } | undefined {
  const seen = new Set<T>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) return { value, index };
    seen.add(value);
  }
  return undefined;
}

/** The first of some entries that has a fault. */
function firstOf<T>(values: Iterable<T>, look: (value: T) => Found): Found {
  for (const value of values) {
    const found = look(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}

function inSchema(schema: TableSchema | undefined): Found {
  if (schema === undefined) return undefined;
  const { fields, primaryKey = [], missingValues } = schema;
  const twice = repeated(fields.map(({ name }) => name));
  if (twice !== undefined) return at(`schema.fields.${twice.index}.name`, `the field ${quoted(twice.value)} is there twice`);
  return (
    firstOf(fields.entries(), ([index, field]) => inField(field, `schema.fields.${index}`)) ??
    inMissingValues(missingValues, 'schema.missingValues') ??
    firstOf(fields, (field) => (field.missingValues === undefined ? inBoth(field, missingValues, 'schema.missingValues', ` of ${quoted(field.name)}`) : undefined)) ??
    firstOf(typeof primaryKey === 'string' ? [primaryKey] : primaryKey, (name) =>
      known(name, fields.map((field) => field.name), 'schema.primaryKey', 'a field of the schema'),
    )
  ); // prettier-ignore
}

function inField(field: SchemaField, path: string): Found {
  const missing = `${path}.missingValues`;
  return (
    inCategories(field, path) ??
    inConstraints(field, path) ??
    inMissingValues(field.missingValues, missing) ??
    inBoth(field, field.missingValues, missing, '')
  );
}

function inCategories({ type, categories, categoriesOrdered, constraints }: SchemaField, path: string): Found {
  if (categories === undefined) {
    return categoriesOrdered === undefined ? undefined : at(`${path}.categoriesOrdered`, 'there are no categories to be in order');
  }
  if (type !== undefined && type !== 'string' && type !== 'integer') {
    return at(`${path}.categories`, `only fields of strings and integers have categories, and this one is of type ${type}`);
  }
  if (isMixed(categories)) return at(`${path}.categories`, 'expected values alone, or objects alone');
  const values = categories.map(categoryValue);
  const odd = values.findIndex((value) => (type === 'integer' ? !Number.isSafeInteger(value) : typeof value !== 'string'));
  if (odd !== -1) {
    return at(`${path}.categories.${odd}`, `expected ${type === 'integer' ? 'a whole number' : 'a text in quotes'}, found ${quoted(values[odd])}`);
  }
  const twice = repeated(values);
  if (twice !== undefined) return at(`${path}.categories.${twice.index}`, `the category ${quoted(twice.value)} is there twice`);
  const foreign = constraints?.enum?.findIndex((value) => !(values as readonly unknown[]).includes(value)) ?? -1;
  return foreign === -1
    ? undefined
    : at(`${path}.constraints.enum.${foreign}`, `${quoted(constraints?.enum?.[foreign])} is none of the field's categories`);
}

/** Types with an order, by which a least and a greatest value have a meaning. */
const ORDERED_TEXTS: ReadonlySet<string | undefined> = new Set(['date', 'datetime', 'time', 'yearmonth']);

function inConstraints({ type, constraints }: SchemaField, path: string): Found {
  if (constraints === undefined) return undefined;
  const { minimum, maximum } = constraints;
  for (const [key, value] of [['minimum', minimum], ['maximum', maximum]] as const) {
    if (value === undefined) continue;
    const here = `${path}.constraints.${key}`;
    if (isNumeric(type) && typeof value !== 'number') return at(here, `expected a number, found ${quoted(value)}`);
    if (ORDERED_TEXTS.has(type) && typeof value !== 'string') return at(here, `expected the text of a ${type ?? ''} in quotes, found ${quoted(value)}`);
    if (!isNumeric(type) && !ORDERED_TEXTS.has(type)) return at(here, `a field of type ${type ?? 'string'} has no ${key}`);
  } // prettier-ignore
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    return at(`${path}.constraints`, `the minimum ${quoted(minimum)} is above the maximum ${quoted(maximum)}`);
  }
  const [values, expected] = [constraints.enum ?? [], type === 'boolean' ? 'boolean' : isNumeric(type) ? 'number' : 'string'];
  const odd = type === 'any' ? -1 : values.findIndex((value) => typeof value !== expected);
  if (odd !== -1) return at(`${path}.constraints.enum.${odd}`, `a field of type ${type ?? 'string'} has no value ${quoted(values[odd])}`);
  const twice = repeated(values);
  return twice === undefined ? undefined : at(`${path}.constraints.enum.${twice.index}`, `the value ${quoted(twice.value)} is there twice`);
}

/** Frictionless takes a list of values or a list of objects. */
function isMixed(list: readonly unknown[]): boolean {
  return list.some((value) => (typeof value === 'object') !== (typeof list[0] === 'object'));
}

function inMissingValues(missing: TableSchema['missingValues'], path: string): Found {
  if (isMixed(missing ?? [])) return at(path, 'expected texts alone, or objects alone');
  const twice = repeated((missing ?? []).map(missingText));
  return twice === undefined ? undefined : at(`${path}.${twice.index}`, `the text ${quoted(twice.value)} is there twice`);
}

/** A text that stands for a missing value is none of those that a column should hold. The empty cell is always missing. */
function inBoth(field: SchemaField, missing: TableSchema['missingValues'] = [], path: string, of: string): Found {
  const categories = new Set(categoryTexts(field) ?? field.constraints?.enum?.map(String));
  const index = missing.findIndex((value) => missingText(value) !== '' && categories.has(missingText(value)));
  return index === -1 ? undefined : at(`${path}.${index}`, `${quoted(missing[index])} is one of the categories${of}, too`);
}

/** Is a name one of those that there are? */
function known(name: string, names: readonly string[], path: string, what: string): Found {
  if (names.includes(name)) return undefined;
  const near = didYouMean(nearMisses(name, names));
  return at(path, `${quoted(name)} is not ${what}${near === '' ? `; there are ${namesText(names)}` : near}`);
}

function inFeatures({ features, schema, ids }: Said): Found {
  if (schema === undefined) return undefined;
  const fields = schema.fields.map(({ name }) => name);
  return (
    firstOf((features ?? []).entries(), ([index, name]) => known(name, fields, `features.${index}`, 'a field of the schema')) ??
    firstOf((ids ?? []).entries(), ([index, name]) => known(name, fields, `ids.${index}`, 'a field of the schema'))
  );
}

function inTarget({ target, features, ids }: Said): Found {
  if (target === undefined) return undefined;
  const taken = features?.includes(target.column) === true ? 'a feature' : ids?.includes(target.column) === true ? 'an id' : undefined;
  return taken === undefined ? undefined : at('target.column', `${quoted(target.column)} is ${taken}, too: a model is not told what it predicts`);
}

function inRules({ rules = {}, schema, fillMissing = {} }: Said): Found {
  const entries = Object.entries(rules);
  const [first] = entries;
  if (first === undefined) return undefined;
  if (schema === undefined) return at(`rules.${first[0]}`, 'there is no schema, so no value can break it');
  const names = schema.fields.map(({ name }) => name);
  return firstOf(entries, ([name, rule]) => {
    const path = `rules.${name}`;
    const field = schema.fields.find((other) => other.name === name);
    if (field === undefined) return known(name, names, path, 'a field of the schema');
    if (rule.onMissing !== undefined && Object.hasOwn(fillMissing, name)) {
      return at(`${path}.onMissing`, `fillMissing says what becomes of missing values of ${quoted(name)}, too: leave one of the two out`);
    }
    return inRule(rule, field, path);
  });
}

function inRule(rule: ColumnRule, { type, constraints, categories }: SchemaField, path: string): Found {
  const { value } = rule;
  const keys = ['onMissing', 'onUnseen', 'onOutOfRange', 'onWrongType'] as const;
  const asks = keys.find((key) => rule[key] === 'value');
  if (asks !== undefined && value === undefined) return at(`${path}.${asks}`, 'there is no value to put in its place: the key value is missing');
  if (asks === undefined && value !== undefined) return at(`${path}.value`, 'no action of the rule is "value", so nothing would use it');
  if (keys.every((key) => rule[key] === undefined)) return at(path, 'the rule says nothing');
  if (rule.onUnseen !== undefined && categories === undefined && constraints?.enum === undefined) {
    return at(`${path}.onUnseen`, 'the field has no categories and no enum, so no value is unseen');
  }
  if (rule.onOutOfRange !== undefined && constraints?.minimum === undefined && constraints?.maximum === undefined) {
    return at(`${path}.onOutOfRange`, 'the field has no minimum and no maximum, so no value is out of range');
  }
  if (value !== undefined && isNumeric(type) && !(value.trim() !== '' && Number.isFinite(Number(value)))) {
    return at(`${path}.value`, `expected the text of a number, found ${quoted(value)}`);
  }
  return undefined;
}

function inClasses({ classes, positiveClass }: Said): Found {
  return classes === undefined || positiveClass === undefined ? undefined : known(positiveClass, classes, 'positiveClass', 'one of the classes');
}

function inTimes({ trainedThrough, expires }: Said): Found {
  if (trainedThrough === undefined || expires === undefined || timeMs(expires, 'end') > timeMs(trainedThrough, 'start')) return undefined;
  return at('expires', `${expires} is before the end of the training data, ${trainedThrough}`);
}

function inBaseline({ baseline, schema, features, outputs }: Said): Found {
  if (baseline === undefined) return undefined;
  const columns = baseline.columns.map(({ name }) => name);
  const twice = repeated(columns);
  if (twice !== undefined) return at(`baseline.columns.${twice.index}.name`, `the column ${quoted(twice.value)} is there twice`);
  const [allowed, what] = features === undefined ? [schema?.fields.map(({ name }) => name), 'a field of the schema'] : [features, 'a feature'];
  const results = outputs?.map(({ name }) => name);
  return (
    firstOf(columns.entries(), ([index, name]) => (allowed === undefined ? undefined : known(name, allowed, `baseline.columns.${index}.name`, what))) ??
    firstOf(baseline.scores.entries(), ([index, { name }]) => (results === undefined ? undefined : known(name, results, `baseline.scores.${index}.name`, 'an output'))) ??
    inCounts(baseline, 'columns') ??
    inCounts(baseline, 'scores')
  ); // prettier-ignore
}

/** Every value of a column is somewhere. */
function inCounts(baseline: Baseline, key: 'columns' | 'scores'): Found {
  return firstOf(baseline[key].entries(), ([index, column]) => {
    const path = `baseline.${key}.${index}`;
    const { count, missing } = column;
    if (count + missing !== baseline.rows) return at(path, `count and missing make ${count + missing} rows, and the baseline has ${baseline.rows}`);
    const pairs = column.kind === 'number' ? column.grid.cells : column.categories;
    const counted = pairs.reduce((sum, [, rows]) => sum + rows, column.kind === 'number' ? 0 : column.other);
    const texts = column.kind === 'number' ? column.texts?.reduce((sum, [, rows]) => sum + rows, 0) : undefined;
    if (texts !== undefined && texts !== count) return at(`${path}.texts`, `they make ${texts} values, and the count of the column is ${count}`);
    return counted === count ? undefined : at(path, `its ${column.kind === 'number' ? 'cells' : 'categories'} hold ${counted} values, and its count is ${count}`);
  }); // prettier-ignore
}

function inKpi({ kpi = {}, outputs, classes }: Said): Found {
  return firstOf(Object.entries(kpi), ([name, figure]) => {
    const path = `kpi.${name}`;
    if (Object.keys(figure).length !== 1) return at(path, 'expected one of shareAbove and expectedValue');
    if ('expectedValue' in figure) {
      const values: readonly unknown[] = Object.values(figure.expectedValue);
      const numbers = values.filter((value) => typeof value === 'number').length;
      if (values.length === 0) return at(`${path}.expectedValue`, 'expected at least one value');
      if (numbers > 0 && numbers < values.length) return at(`${path}.expectedValue`, 'expected a number for each result column, or such numbers for each prediction: not both');
    }
    return firstOf(columnsOf(figure), (column) => inFigure(column, outputs, path)) ?? inMatrix(figure, classes, path);
  });
} // prettier-ignore

/** A figure is worked out from numbers. */
function inFigure(column: string, outputs: Contract['outputs'], path: string): Found {
  if (outputs === undefined) return undefined;
  const odd = outputs.find(({ name, type }) => name === column && (type === 'string' || type === 'boolean'));
  const numbers = outputs.filter(({ type }) => type === 'number' || type === 'integer').map(({ name }) => name);
  if (odd === undefined) return known(column, outputs.map(({ name }) => name), path, 'an output'); // prettier-ignore
  return at(
    path,
    `${quoted(column)} is an output of type ${odd.type}, and the figure needs a number${numbers.length === 0 ? '' : `: ${namesText(numbers)}`}`,
  );
}

/** A value matrix has values for each class: a prediction without any would count as 0. */
function inMatrix(kpi: Kpi, classes: Contract['classes'], path: string): Found {
  if (classes === undefined || !('expectedValue' in kpi)) return undefined;
  const rows = Object.entries(kpi.expectedValue).filter(([, values]) => typeof values === 'object').map(([prediction]) => prediction); // prettier-ignore
  if (rows.length === 0) return undefined;
  const here = `${path}.expectedValue`;
  const left = classes.find((name) => !rows.includes(name));
  return (
    firstOf(rows, (prediction) => known(prediction, classes, here, 'one of the classes')) ??
    (left === undefined ? undefined : at(here, `the prediction ${quoted(left)} has no values; where it is worth nothing, write ${quoted(left)}: {}`))
  );
}

/** The result columns that a figure is worked out from. */
function columnsOf(kpi: Kpi): readonly string[] {
  if ('shareAbove' in kpi) return [kpi.shareAbove.column];
  return Object.entries(kpi.expectedValue).flatMap(([name, value]) => (typeof value === 'number' ? [name] : Object.keys(value as object)));
}

function inUsualRows({ usualRows }: Said): Found {
  const { min, max } = usualRows ?? {};
  return min === undefined || max === undefined || min <= max ? undefined : at('usualRows', `the least number ${min} is above the greatest ${max}`);
}
