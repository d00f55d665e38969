import { ContractError, ModelError, UsageError, type ErrorContext, type ScorelineError } from '../errors/errors.js';
import { quoted } from './read-file.js';

/** Who says in which order columns stand in a matrix input. */
export type OrderSource = 'flag' | 'contract' | 'metadata';

export interface FeatureOrder {
  readonly from: OrderSource;
  readonly names: readonly string[];
}

export interface OrderRequest {
  readonly flag: readonly string[] | undefined;
  readonly contract: readonly string[] | undefined;
  readonly metadata: readonly string[] | undefined;
  /** For messages. */
  readonly contractPath: string | undefined;
}

/**
 * The one order that command line, contract and model agree on; undefined where none of them gives one. Throws ContractError `order-contradiction`
 * where two differ: a stale order gives scores that look right. Throws `duplicate-feature` where an order names a column twice.
 */
export function agreeOnOrder(request: OrderRequest): FeatureOrder | undefined {
  const given: FeatureOrder[] = [];
  if (request.flag !== undefined) given.push({ from: 'flag', names: request.flag });
  if (request.contract !== undefined) given.push({ from: 'contract', names: request.contract });
  if (request.metadata !== undefined) given.push({ from: 'metadata', names: request.metadata });
  const [first, ...others] = given;
  if (first === undefined) return undefined;
  for (const other of others) refuseContradiction(first, other, request.contractPath);
  const twice = first.names.find((name, index) => first.names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw orderError(
      first.from,
      'duplicate-feature',
      `${orderName(first.from, request.contractPath)} name column ${quoted(twice)} twice, expected each column once`,
      {
        details: { column: twice },
        fix: 'Name each column once, in the order of the training data.',
      },
    );
  }
  return first;
}

function refuseContradiction(first: FeatureOrder, other: FeatureOrder, contractPath: string | undefined): void {
  const length = Math.max(first.names.length, other.names.length);
  const at = Array.from({ length }, (_, index) => index).find((index) => first.names[index] !== other.names[index]);
  if (at === undefined) return;
  const say = (order: FeatureOrder): string =>
    `${orderName(order.from, contractPath)} ${order.names[at] === undefined ? `end at ${order.names.length}` : `have ${quoted(order.names[at])}`}`;
  throw new ContractError('order-contradiction', `two orders of columns contradict each other: at position ${at + 1} ${say(first)}, ${say(other)}`, {
    fix:
      first.from === 'contract' || other.from === 'contract'
        ? 'Correct the stale one, or set the contract aside with --contract none.'
        : 'Leave --features out if the model is right; if not, correct feature_names in the model.',
    details: { position: at + 1, [first.from]: first.names[at] ?? null, [other.from]: other.names[at] ?? null },
  });
}

/** What an order is called in messages (a plural). */
export function orderName(from: OrderSource, contractPath: string | undefined): string {
  if (from === 'flag') return '--features';
  return from === 'contract' ? `the features of contract ${quoted(contractPath ?? '')}` : 'the feature_names in the model';
}

/** An error in an order, by the class of who gave it. */
export function orderError(from: OrderSource, code: string, message: string, context: ErrorContext): ScorelineError {
  if (from === 'flag') return new UsageError(code, message, context);
  return from === 'contract' ? new ContractError(code, message, context) : new ModelError(code, message, context);
}
