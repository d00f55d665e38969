import type { ComparedProfile } from '../profile/compared.js';

/** A contract as read from `MODEL.contract.json`: what the model expects of a row and what its outputs mean. Plain data. */
export interface Contract {
  readonly version: 'scoreline.contract/1';
  /** Path it was read from, for messages; not part of the file. */
  readonly path: string;
  /** Hex sha256 of the contract's bytes; not part of the file. */
  readonly sha256: string;
  readonly model: { readonly sha256: string };
  /** Column order of a matrix input. */
  readonly features?: readonly string[];
  /** Model input name -> data column. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Columns that identify a row: kept in the output. */
  readonly ids?: readonly string[];
  /** Names of the classes in the model's order. */
  readonly classes?: readonly string[];
  /** Decision threshold on the positive class's probability. */
  readonly threshold?: number;
  readonly positiveClass?: string;
  /** Data column -> text of the value that stands for a missing one. */
  readonly fillMissing?: Readonly<Record<string, string>>;
  readonly golden?: readonly GoldenRow[];
  /** What the model was trained on, column by column. */
  readonly baseline?: ComparedProfile;
}

/** A row whose score is known; null is missing. Scored at every start and compared within 1e-6 relative. */
export interface GoldenRow {
  readonly row: Readonly<Record<string, string | null>>;
  readonly expect: Readonly<Record<string, string | number>>;
}
