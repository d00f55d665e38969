import { describe, expect, test } from 'vitest';
import { firstContradiction } from '#src/contract/consistency.js';
import type { Contract } from '#src/contract/contract.js';
import { changed, GROWN } from './grown.js';

const look = (contract: object) => firstContradiction(contract as Contract);
const field = (index: number, ...rest: (string | number)[]) => ['schema', 'fields', index, ...rest];

test('a contract that agrees with itself has no contradiction', () => {
  expect(look(GROWN)).toBeUndefined();
});

describe('a contract is refused where', () => {
  test.each<[string, (string | number)[], unknown, string, string]>([
    ['a field is there twice', field(2, 'name'), 'age', 'schema.fields.2.name', 'the field "age" is there twice'],
    ['a category is there twice', field(2, 'categories'), ['cook', 'nurse', 'cook'], 'schema.fields.2.categories.2', 'the category "cook" is there twice'],
    ['numbers have categories', field(3, 'categories'), [1], 'schema.fields.3.categories', 'only fields of strings and integers have categories, and this one is of type number'],
    ['a category of integers is a text', field(5, 'categories'), [1, 'large'], 'schema.fields.5.categories.1', 'expected a whole number, found "large"'],
    ['a category of texts is a number', field(2, 'categories'), ['cook', 2], 'schema.fields.2.categories.1', 'expected a text in quotes, found 2'],
    ['nothing is ordered', field(1, 'categoriesOrdered'), true, 'schema.fields.1.categoriesOrdered', 'there are no categories to be in order'],
    ['enum goes beyond the categories', field(2, 'constraints', 'enum'), ['cook', 'smith'], 'schema.fields.2.constraints.enum.1', '"smith" is none of the field\'s categories'],
    ['categories are of two kinds', field(2, 'categories'), ['cook', { value: 'nurse' }], 'schema.fields.2.categories', 'expected values alone, or objects alone'],
    ['missing values are of two kinds', field(2, 'missingValues'), ['', { value: '?' }], 'schema.fields.2.missingValues', 'expected texts alone, or objects alone'],
    ['enum is of another type', field(1, 'constraints', 'enum'), ['18'], 'schema.fields.1.constraints.enum.0', 'a field of type integer has no value "18"'],
    ['least is above greatest', field(1, 'constraints', 'minimum'), 100, 'schema.fields.1.constraints', 'the minimum 100 is above the maximum 99'],
    ['a least number is a text', field(1, 'constraints', 'minimum'), '18', 'schema.fields.1.constraints.minimum', 'expected a number, found "18"'],
    ['a least date is a number', field(4, 'constraints', 'minimum'), 2001, 'schema.fields.4.constraints.minimum', 'expected the text of a date in quotes, found 2001'],
    ['texts have a maximum', field(0, 'constraints', 'maximum'), 'z', 'schema.fields.0.constraints.maximum', 'a field of type string has no maximum'],
    ['a missing value is there twice', field(2, 'missingValues'), ['?', '?'], 'schema.fields.2.missingValues.1', 'the text "?" is there twice'],
    ['the key is no field', ['schema', 'primaryKey'], 'custommer', 'schema.primaryKey', '"custommer" is not a field of the schema; did you mean "customer"?'],
    ['a feature is no field', ['features', 1], 'jobb', 'features.1', '"jobb" is not a field of the schema; did you mean "job"?'],
    ['an id is no field', ['ids', 0], 'number', 'ids.0', '"number" is not a field of the schema; there are "customer", "age", "job", "income", "since", "size"'],
    ['the target is a feature', ['target', 'column'], 'age', 'target.column', '"age" is a feature, too: a model is not told what it predicts'],
    ['a rule names no field', ['rules', 'Age'], { onMissing: 'reject' }, 'rules.Age', '"Age" is not a field of the schema; did you mean "age"?'],
    ['a rule has no value', ['rules', 'age', 'value'], undefined, 'rules.age.onMissing', 'there is no value to put in its place: the key value is missing'],
    ['a value is not used', ['rules', 'job', 'value'], 'cook', 'rules.job.value', 'no action of the rule is "value", so nothing would use it'],
    ['a value of numbers is a text', ['rules', 'age', 'value'], 'forty', 'rules.age.value', 'expected the text of a number, found "forty"'],
    ['a rule says nothing', ['rules', 'job'], {}, 'rules.job', 'the rule says nothing'],
    ['a rule is for categories that are not there', ['rules', 'income'], { onUnseen: 'reject' }, 'rules.income.onUnseen', 'the field has no categories and no enum, so no value is unseen'],
    ['a category is a missing value', field(2, 'missingValues'), ['', 'cook'], 'schema.fields.2.missingValues.1', '"cook" is one of the categories, too'],
    ['a category is a missing value of all', ['schema', 'missingValues'], ['', '2'], 'schema.missingValues.1', '"2" is one of the categories of "size", too'],
    ['a rule is for a range that is not there', ['rules', 'income'], { onOutOfRange: 'reject' }, 'rules.income.onOutOfRange', 'the field has no minimum and no maximum, so no value is out of range'],
    ['two rules fill one column', ['rules', 'income'], { onMissing: 'reject' }, 'rules.income.onMissing', 'fillMissing says what becomes of missing values of "income", too: leave one of the two out'],
    ['the positive class is none', ['positiveClass'], 'leave', 'positiveClass', '"leave" is not one of the classes; did you mean "leaves"?'],
    ['it expires before it begins', ['expires'], '2025-12-30', 'expires', '2025-12-30 is before the end of the training data, 2025-12-31'],
    ['the baseline knows other columns', ['baseline', 'columns', 0, 'name'], 'ages', 'baseline.columns.0.name', '"ages" is not a feature; did you mean "age"?'],
    ['the baseline has a column twice', ['baseline', 'columns', 1, 'name'], 'age', 'baseline.columns.1.name', 'the column "age" is there twice'],
    ['rows of the baseline are lost', ['baseline', 'rows'], 4, 'baseline.columns.0', 'count and missing make 3 rows, and the baseline has 4'],
    ['values of the baseline are lost', ['baseline', 'columns', 1, 'other'], 0, 'baseline.columns.1', 'its categories hold 2 values, and its count is 3'],
    ['cells of the baseline are lost', ['baseline', 'columns', 0, 'grid', 'cells'], [[33, 1]], 'baseline.columns.0', 'its cells hold 1 values, and its count is 2'],
    ['a kpi is of no output', ['kpi', 'will leave', 'shareAbove', 'column'], 'probability_leave', 'kpi.will leave', '"probability_leave" is not an output; did you mean "probability_leaves"?'],
    ['a share is one of texts', ['kpi', 'will leave', 'shareAbove', 'column'], 'prediction', 'kpi.will leave', '"prediction" is an output of type string, and the figure needs a number: "probability_stays", "probability_leaves"'],
    ['a value matrix has a class that is none', ['kpi', 'matrix', 'expectedValue', 'leave'], { probability_stays: 1 }, 'kpi.matrix.expectedValue', '"leave" is not one of the classes; did you mean "leaves"?'],
    ['a value matrix leaves a class out', ['kpi', 'matrix', 'expectedValue', 'stays'], undefined, 'kpi.matrix.expectedValue', 'the prediction "stays" has no values; where it is worth nothing, write "stays": {}'],
    ['a kpi is two', ['kpi', 'gain', 'shareAbove'], { column: 'prediction', threshold: 1 }, 'kpi.gain', 'expected one of shareAbove and expectedValue'],
    ['a value matrix has holes', ['kpi', 'matrix', 'expectedValue', 'probability_stays'], 1, 'kpi.matrix.expectedValue', 'expected a number for each result column, or such numbers for each prediction: not both'],
    ['a kpi has no values', ['kpi', 'gain', 'expectedValue'], {}, 'kpi.gain.expectedValue', 'expected at least one value'],
    ['the usual rows are none', ['usualRows', 'max'], 10, 'usualRows', 'the least number 1000 is above the greatest 10'],
  ])('%s', (_, path, value, at, message) => {
    expect(look(changed(path, value))).toEqual({ path: at, message });
  }); // prettier-ignore

  test('rules have no schema', () => {
    expect(look(changed(['schema'], undefined))).toEqual({ path: 'rules.age', message: 'there is no schema, so no value can break it' });
  });
});
