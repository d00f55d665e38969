/** Tools that sort keys put the version last, so all of a contract is looked at; none is as large. */
export const CONTRACT_HEAD_BYTES = 1 << 26;

/** Is this the text of a contract, of whatever version, be it in the middle of an edit? What quotes one, such as a log, has a backslash before the quotes. */
export function isContractText(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text) && /"version"\s*:\s*"scoreline\.contract\//.test(text);
}
