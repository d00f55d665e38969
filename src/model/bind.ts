import type { ElementType } from '../batch/element.js';
import { ContractError, UsageError, type ErrorContext } from '../errors/errors.js';
import { agreeOnOrder, orderError, orderName, type FeatureOrder, type OrderSource } from './feature-order.js';
import { missingOrder, missingColumns, type Missing } from './bind-messages.js';
import { quoted } from './read-file.js';
import type { Signature, TensorSpec } from './signature.js';
import { didYouMean, namesText, nearMisses } from '../errors/nearest.js';

/** What binding needs to know; plain data. */
export interface BindRequest {
  readonly signature: Signature;
  /** The source's columns, in its order. */
  readonly columns: readonly string[];
  /** Path of the source, for messages. */
  readonly source?: string;
  /** `--features`. */
  readonly features?: readonly string[];
  /** `--bind`: model input -> column. */
  readonly bind?: Readonly<Record<string, string>>;
  readonly contract?: BindContract;
}

/** What a contract says of columns. */
export interface BindContract {
  readonly path: string;
  readonly features?: readonly string[];
  readonly columns?: Readonly<Record<string, string>>;
  readonly ids?: readonly string[];
}

/** Which columns feed which model input. Plain data: part of the plan. */
export interface Binding {
  /** In the model's order. */
  readonly inputs: readonly BoundInput[];
  /** Who gave the order of the matrix's columns; undefined where no input needs one. */
  readonly orderFrom: OrderSource | undefined;
}

export interface BoundInput {
  readonly name: string;
  readonly type: ElementType;
  /** Values a row. */
  readonly width: number;
  /** The tensor's shape is `[rows]` rather than `[rows, width]`. */
  readonly vector: boolean;
  /** `width` of them, in the order of the tensor's columns. */
  readonly columns: readonly BoundColumn[];
}

export interface BoundColumn {
  readonly name: string;
  /** Position in the source, from 0. */
  readonly column: number;
}

/**
 * Finds the columns that feed each input. An input of one value a row takes the column that `--bind` or the contract names, else the one of its own
 * name; a matrix takes the columns of the feature order. Nothing is guessed: near names are offered in the message only. Throws UsageError
 * (`unknown-input`, `unknown-column`, `features-not-used`, `feature-count`, `duplicate-feature`), ContractError (`no-feature-order`,
 * `order-contradiction`, `binding-contradiction`, ...), InputError `missing-column` with every column that is missing.
 */
export function bindInputs(request: BindRequest): Binding {
  const { signature, columns } = request;
  const named = namedColumns(request);
  const matrices = signature.inputs.filter((input) => isMatrix(input, request, named));
  for (const matrix of matrices) refuseNamedMatrix(matrix, named);
  const order = matrices.length === 0 ? unusedOrder(request) : orderOf(request, matrices);
  const shares = order === undefined ? new Map<TensorSpec, readonly string[]>() : shareOut(request, matrices, order);
  const positions = new Map(columns.map((name, column) => [name, column]));
  const missing: Missing[] = [];
  const find = (name: string, input: string, by: Missing['by']): BoundColumn => {
    const column = positions.get(name);
    if (column === undefined) missing.push({ column: name, input, by });
    return { name, column: column ?? -1 };
  };
  const inputs = signature.inputs.map((input): BoundInput => {
    const share = shares.get(input);
    if (share !== undefined) {
      const by = order?.from ?? 'flag';
      return { name: input.name, type: input.type, width: share.length, vector: false, columns: share.map((name) => find(name, input.name, by)) };
    }
    const given = named.get(input.name);
    const column = find(given?.column ?? input.name, input.name, given?.from ?? 'name');
    return { name: input.name, type: input.type, width: 1, vector: input.shape?.length === 1, columns: [column] };
  });
  if (missing.length > 0) throw missingColumns(missing, request);
  if (matrices.length === 0) checkSameColumns(request, inputs);
  return { inputs, orderFrom: matrices.length === 0 ? undefined : order?.from };
}

interface NamedColumn {
  readonly column: string;
  readonly from: 'flag' | 'contract';
}

/** `--bind` and the contract's `columns`, checked against the model's inputs and against each other. */
function namedColumns({ signature, columns, bind = {}, contract }: BindRequest): Map<string, NamedColumn> {
  const inputs = signature.inputs.map(({ name }) => name);
  const named = new Map<string, NamedColumn>();
  for (const [input, column] of Object.entries(bind)) {
    refuseUnknownInput(input, inputs, '--bind', (message, context) => new UsageError('unknown-input', message, context));
    if (!columns.includes(column)) {
      const near = nearMisses(column, columns);
      throw new UsageError('unknown-column', `--bind names column ${quoted(column)}, which the input does not have${didYouMean(near)}`, {
        fix: "-v lists the input's columns.",
        details: { column, near, columns: columns.slice(0, 10_000) },
      });
    }
    named.set(input, { column, from: 'flag' });
  }
  for (const [input, column] of Object.entries(contract?.columns ?? {})) {
    const who = `contract ${quoted(contract?.path ?? '')}`;
    refuseUnknownInput(input, inputs, who, (message, context) => new ContractError('unknown-input', message, context));
    const flag = named.get(input);
    if (flag !== undefined && flag.column !== column) {
      throw new ContractError(
        'binding-contradiction',
        `--bind feeds input ${quoted(input)} from column ${quoted(flag.column)}, ${who} from ${quoted(column)}`,
        {
          fix: 'Correct the stale one, or set the contract aside with --contract none.',
          details: { input, flag: flag.column, contract: column },
        },
      );
    }
    if (flag === undefined) named.set(input, { column, from: 'contract' });
  }
  return named;
}

function refuseUnknownInput(input: string, inputs: readonly string[], who: string, error: (message: string, context: ErrorContext) => Error): void {
  if (inputs.includes(input)) return;
  const near = nearMisses(input, inputs);
  throw error(`${who} names model input ${quoted(input)}, which the model does not have${didYouMean(near)}`, {
    fix: `The model's inputs: ${namesText(inputs)}.`,
    details: { input, near, inputs: inputs.slice(0, 1000) },
  });
}

/** Does this input take a list of values a row? Where the model leaves it open, a column that is bound to it, or is called like it, says no. */
function isMatrix({ name, shape }: TensorSpec, { columns }: BindRequest, named: ReadonlyMap<string, NamedColumn>): boolean {
  if (shape === undefined) return !named.has(name) && !columns.includes(name);
  if (shape.length === 1 || shape[1] === 1) return false;
  return typeof shape[1] === 'number' || !named.has(name);
}

/** A matrix of several columns cannot be fed from one. */
function refuseNamedMatrix({ name, shape }: TensorSpec, named: ReadonlyMap<string, NamedColumn>): void {
  const given = named.get(name);
  if (given === undefined) return;
  const message = `input ${quoted(name)} takes ${shape?.[1] ?? 'several'} values a row, found one column bound to it: ${quoted(given.column)}`;
  const context = { fix: 'Give the order of its columns with --features.', details: { input: name, column: given.column } };
  throw given.from === 'contract' ? new ContractError('bind-matrix', message, context) : new UsageError('bind-matrix', message, context);
}

function unusedOrder({ features }: BindRequest): undefined {
  if (features === undefined) return undefined; // a contract's features are compared once the columns are known
  throw new UsageError('features-not-used', `--features gives the order of a matrix, and this model takes one column for each of its inputs`, {
    fix: 'Leave --features out; where a column is called otherwise than its input, use --bind INPUT=COLUMN.',
  });
}

/** A model of one column an input needs no order, but a contract that lists other columns than it reads is about another model. */
function checkSameColumns({ contract }: BindRequest, inputs: readonly BoundInput[]): void {
  const features = contract?.features;
  if (features === undefined) return;
  const read = inputs.flatMap(({ columns }) => columns.map(({ name }) => name));
  const odd = features.find((name) => !read.includes(name)) ?? read.find((name) => !features.includes(name));
  if (odd === undefined) return;
  throw new ContractError(
    'feature-contradiction',
    `the features of contract ${quoted(contract?.path ?? '')} are not the columns that the model reads: ${quoted(odd)} is only in one of them`,
    {
      fix: 'This model takes one column an input: leave features out of the contract, or list just the columns that it reads.',
      details: { features, read },
    },
  );
}

function orderOf(request: BindRequest, matrices: readonly TensorSpec[]): FeatureOrder {
  const { features, contract, signature } = request;
  const order = agreeOnOrder({ flag: features, contract: contract?.features, metadata: signature.featureNames, contractPath: contract?.path });
  if (order === undefined) throw missingOrder(request, matrices);
  const unknown = features?.find((name) => !request.columns.includes(name));
  if (unknown === undefined) return order;
  const near = nearMisses(unknown, request.columns);
  throw new UsageError('unknown-column', `--features names column ${quoted(unknown)}, which the input does not have${didYouMean(near)}`, {
    fix: "-v lists the input's columns.",
    details: { column: unknown, near, columns: request.columns.slice(0, 10_000) },
  });
}

/**
 * Gives each matrix its part of the order. Several matrices share one order in the order of the model's inputs, where all widths are declared and
 * add up to it: then it has been given for just that.
 */
function shareOut({ contract }: BindRequest, matrices: readonly TensorSpec[], order: FeatureOrder): Map<TensorSpec, readonly string[]> {
  const who = orderName(order.from, contract?.path);
  const widths = matrices.map(({ shape }) => (typeof shape?.[1] === 'number' ? shape[1] : undefined));
  const list = matrices.map(({ name }, index) => `${quoted(name)} (${widths[index] ?? 'any number'})`).join(', '); // prettier-ignore
  const open = widths.includes(undefined);
  if (matrices.length > 1 && (open || order.from === 'metadata')) {
    throw new ContractError(
      'several-matrices',
      `the model takes several matrices: ${list}; expected one order for all of them, given by --features or the contract${open ? ', and declared widths' : ''}`,
      {
        fix: 'Give --features with the columns of all matrices, in the order of the inputs, or export the model with one matrix.',
      },
    );
  }
  const total = widths.reduce<number>((sum, width) => sum + (width ?? order.names.length), 0);
  if (total !== order.names.length) {
    throw orderError(
      order.from,
      'feature-count',
      `${who} name ${order.names.length} column${order.names.length === 1 ? '' : 's'}, expected ${total}: ${matrices.length === 1 ? 'input' : 'inputs'} ${list}`,
      {
        fix: `Name the ${total} columns that the model was trained on, in that order.`,
        details: { found: order.names.length, expected: total },
      },
    );
  }
  let from = 0;
  return new Map(matrices.map((input, index) => [input, order.names.slice(from, (from += widths[index] ?? order.names.length))]));
}
