import { describe, expect, test } from 'vitest';
import type { ElementType } from '#src/batch/element.js';
import type { Layout } from '#src/batch/layout.js';
import type { Contract } from '#src/contract/contract.js';
import { layoutOf } from '#src/model/layout-of.js';
import { checkFit } from '#src/run/contract-fit.js';
import { expectations } from '#src/run/expectations.js';

type Says = Partial<Pick<Contract, 'schema' | 'rules' | 'ids' | 'target'>>;
const INPUTS: Readonly<Record<string, ElementType>> = { age: 'float32', rooms: 'int64', job: 'string', isNew: 'bool' };

function fit(says: Says, belongs = true): Layout {
  const contract: Contract = {
    version: 'scoreline.contract/1',
    ...(belongs ? { model: { sha256: '' } } : {}),
    path: 'm.contract.json',
    sha256: '',
    ...says,
  };
  const inputs = Object.entries(INPUTS).map(([name, type], column) => ({ name, type, width: 1, vector: false, columns: [{ name, column }] }));
  const layout = layoutOf({ inputs, orderFrom: undefined }, [], expectations(contract, {}));
  checkFit(layout, contract);
  return layout;
}

const fields: NonNullable<Contract['schema']>['fields'] = [
  { name: 'age', type: 'integer', constraints: { minimum: 17, maximum: 90 } },
  { name: 'rooms', type: 'integer', constraints: { minimum: 1 } },
  { name: 'job', type: 'string', categories: ['cook', 'nurse'] },
  { name: 'isNew', type: 'boolean' },
  { name: 'id', type: 'string', constraints: { required: true } },
];

describe('a rule of the contract that would never do what it says is refused', () => {
  test.each<[string, NonNullable<Contract['rules']>, string]>([
    ['for a column that the model does not read', { id: { onMissing: 'reject' } }, 'rules.id would never do what it says: the model does not read that column'],
    ['with a value that the model does not take', { rooms: { onMissing: 'value', value: '9.5' } }, 'rules.rooms.value would never do what it says: found a number with a fraction'],
    ['with a value that is no category', { job: { onUnseen: 'value', value: 'smith' } }, 'rules.job.value would never do what it says: "smith" is itself none of the categories'],
    ['with a value out of range', { age: { onOutOfRange: 'value', value: '1000' } }, 'rules.age.value would never do what it says: "1000" is itself out of range'],
    ['with a value of another type', { age: { onWrongType: 'value', value: '17.5' } }, 'rules.age.value would never do what it says: "17.5" is itself not of the type of the field'],
    ['with a value that another action of it rejects', { age: { onMissing: 'value', value: '0', onOutOfRange: 'reject' } }, 'rules.age.value would never do what it says: "0" is itself out of range'],
    ['that makes missing what cannot be', { rooms: { onOutOfRange: 'missing' } }, 'rules.rooms.onOutOfRange would never do what it says: an input of int64 cannot be missing; expected allow, value or reject'],
    ['on a type that the model asks for itself', { rooms: { onWrongType: 'reject' } }, 'rules.rooms.onWrongType would never do what it says: the type of the field asks no more than the model, which takes int64'],
    ['on a type, where there are categories', { job: { onWrongType: 'reject' } }, 'rules.job.onWrongType would never do what it says: the column has categories'],
  ])('%s', (_, rules, message) => {
    expect(() => fit({ schema: { fields }, ids: ['id'], rules })).toThrow(expect.objectContaining({ code: 'rule-invalid', status: 78, message: expect.stringContaining(message) as string }) as Error);
  }); // prettier-ignore

  test('others are kept: a sentinel for missing values may lie outside the range, and missing values that are rejected may be made', () => {
    const rules: NonNullable<Contract['rules']> = {
      age: { onMissing: 'value', value: '-999', onWrongType: 'allow' },
      rooms: { onMissing: 'reject', onOutOfRange: 'missing' },
      job: { onUnseen: 'value', value: 'cook', onMissing: 'value' },
    };
    const layout = fit({ schema: { fields }, ids: ['id'], rules });
    expect(layout.fields.map(({ onMissing }) => onMissing.kind)).toEqual(['value', 'reject', 'value', 'reject']);
    expect(layout.fields[0]?.expected).toMatchObject({ min: 17, max: 90, type: { name: 'integer', onWrong: { kind: 'allow' } } });
  });
});

describe('a field of the contract is refused where', () => {
  test.each<[string, NonNullable<Contract['schema']>['fields'][number], string]>([
    ['its type contradicts the input', { name: 'age', type: 'string' }, 'the contract\'s field "age" does not fit the model: its type is string, and the model takes float32'],
    ['a date feeds a truth value', { name: 'isNew', type: 'date' }, 'its type is date, and the model takes bool'],
    ['nobody reads what it limits', { name: 'agee', type: 'number', constraints: { minimum: 0 } }, 'the model does not read that column; did you mean "age"?'],
    ['nobody reads its categories', { name: 'income', categories: ['a'] }, 'the model does not read that column'],
  ])('%s', (_, field, message) => {
    expect(() => fit({ schema: { fields: [field] } })).toThrow(expect.objectContaining({ code: 'field-invalid', status: 78, message: expect.stringContaining(message) as string }) as Error);
  }); // prettier-ignore

  test('ids, the target and columns of which nothing is asked may be there', () => {
    const others = [
      { name: 'left', constraints: { enum: ['yes', 'no'] } },
      { name: 'note', type: 'string' as const },
    ];
    expect(fit({ schema: { fields: [...fields, ...others] }, ids: ['id'], target: { column: 'left' } }).fields).toHaveLength(4);
  });
});

test('a contract of data alone may speak of columns that this model does not read', () => {
  const says = { schema: { fields }, rules: { id: { onMissing: 'reject' as const } } };
  expect(fit(says, false).fields).toHaveLength(4);
  expect(() => fit(says)).toThrow('the model does not read that column');
});

test('texts for missing values are those of the field, else those of the schema, and the empty one goes without saying', () => {
  const said = [{ name: 'age', missingValues: ['', '?', { value: '-1' }] }, { name: 'job' }, { name: 'rooms', missingValues: [] }];
  const layout = fit({ schema: { fields: said, missingValues: ['', 'none'] } });
  expect(Object.fromEntries(layout.fields.map(({ name, nulls }) => [name, nulls]))).toEqual({
    age: ['?', '-1'],
    rooms: undefined,
    job: ['none'],
    isNew: ['none'],
  });
});
