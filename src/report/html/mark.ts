/** How every page of ours begins its generator. */
export const GENERATOR = '<meta name="generator" content="Scoreline ';

/** What stands before it takes less. */
export const PAGE_HEAD_BYTES = 4096;

/** Do these first characters belong to a report of ours, of whatever version? */
export function isReportPage(head: string): boolean {
  return head.startsWith('<!DOCTYPE html>') && head.includes(GENERATOR);
}
