import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ContractError } from '../errors/errors.js';
import { firstContradiction } from './consistency.js';
import type { Contract } from './contract.js';

type Said = Omit<Contract, 'path' | 'sha256'>;

/**
 * Where the contract of a model stands: `churn.contract.json` beside `churn.onnx`, `churn.rules.contract.json` beside `churn.rules.yaml`, so that a model and the rules that stand in for it
 * have each their own.
 */
export function contractPathOf(modelPath: string): string {
  return join(dirname(modelPath), `${basename(modelPath).replace(/\.(?:onnx|ya?ml)$/i, '')}.contract.json`);
}

/**
 * Reads the contract of a model: from the path asked for, else from beside the model, where there is one. `none` sets it aside. Gives
 * undefined for none. One that was made of data alone belongs to no model: it is taken where it is asked for.
 *
 * @throws ContractError `contract-missing`, `contract-unreadable`, `contract-invalid` (not JSON, not of version 1's shape, or at odds with itself),
 * `contract-without-model`, `contract-of-another-model`.
 */
export async function loadContract(asked: string | undefined, modelPath: string, modelSha256: string): Promise<Contract | undefined> {
  if (asked === 'none') return undefined;
  const path = asked ?? contractPathOf(modelPath);
  if (!existsSync(path)) {
    if (asked === undefined) return undefined;
    throw new ContractError('contract-missing', `there is no contract at ${path}`, {
      place: { file: path },
      fix: 'Check the path, or give --contract none.',
    });
  }
  const contract = await readContract(path);
  if (contract.model === undefined) {
    if (asked !== undefined) return contract;
    throw new ContractError('contract-without-model', 'the contract does not say which model it belongs to', {
      place: { file: path },
      fix: `Add it with: scoreline profile TRAIN -m MODEL --update; name the contract with --contract to use it with any model, or give --contract none.`,
    });
  }
  if (contract.model.sha256 !== modelSha256) {
    throw new ContractError(
      'contract-of-another-model',
      `the contract belongs to the model ${short(contract.model.sha256)}, but ${modelPath} is ${short(modelSha256)}`,
      {
        place: { file: path },
        details: { expected: contract.model.sha256, found: modelSha256 },
        fix: 'Use the model that the contract was made for, make a contract for this one, or give --contract none to set it aside.',
      },
    );
  }
  return contract;
}

/**
 * Reads a contract, whichever model it belongs to.
 *
 * @throws ContractError `contract-unreadable`, `contract-invalid`.
 */
export async function readContract(path: string): Promise<Contract> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new ContractError('contract-unreadable', `the contract cannot be read: ${readReason(cause)}`, {
      place: { file: path },
      cause,
      fix: 'Make it a file that this user may read, or give --contract none.',
    });
  });
  return parseContract(bytes, path);
}

/** Parses and checks the bytes of a contract. The schema library is loaded only here. */
export async function parseContract(bytes: Uint8Array, path: string): Promise<Contract> {
  const invalid = (message: string, cause?: unknown): ContractError =>
    new ContractError('contract-invalid', `not a contract: ${message}`, {
      place: { file: path },
      cause,
      fix: 'Mend the contract (docs/contract.md says what it holds), or give --contract none to set it aside.',
    });
  const value = await parseJson(bytes, invalid);
  const { firstIssue } = await import('./schema.js');
  const issue = firstIssue(value) ?? firstContradiction(value as Said);
  if (issue !== undefined) throw invalid(issue.path === '' ? issue.message : `at ${placeText(issue.path, value)}: ${issue.message}`);
  return { ...(value as Said), path, sha256: createHash('sha256').update(bytes).digest('hex') };
}

type Invalid = (message: string, cause?: unknown) => ContractError;

async function parseJson(bytes: Uint8Array, invalid: Invalid): Promise<unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('it is no text in UTF-8', cause);
  }
  const { hasRepeatedKeys, jsonFault } = await import('../files/json-fault.js');
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(text);
    if (!hasRepeatedKeys(text, value)) return value;
  } catch (error) {
    cause = error;
  }
  const fault = jsonFault(text);
  if (fault === undefined && cause === undefined) return value;
  if (text.trim() === '') throw invalid('it is empty', cause);
  throw invalid(fault === undefined ? `it is no JSON (${reason(cause)})` : `line ${fault.spot.line}, character ${fault.spot.character}: ${fault.found}`, cause);
} // prettier-ignore

/** A path with the names of what it counts: `schema.fields.9.type` of the field "age". */
function placeText(path: string, value: unknown): string {
  let inner = value;
  let named: string | undefined;
  for (const key of path.split('.')) {
    inner = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined;
    if (/^\d+$/.test(key) && typeof inner === 'object' && inner !== null && 'name' in inner && typeof inner.name === 'string') named = inner.name;
  }
  return named === undefined ? path : `${path} (${JSON.stringify(named)})`;
}

function short(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}

function readReason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EISDIR') return 'it is a folder';
  return code === 'EACCES' || code === 'EPERM' ? 'permission denied' : reason(cause);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
