import { failed, type Finding } from './finding.js';

/** What an act gives; undefined where it fails, which is then a finding. */
export async function attempt<T>(subject: string, findings: Finding[], act: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    findings.push(failed(subject, error));
    return undefined;
  }
}
