import { escapeControl } from '../escape.js';

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text for a page, between tags or within a quoted attribute. What steers a reader or hides characters is shown as an escape. */
export function html(text: string): string {
  return escapeControl(text).replace(/[&<>"']/g, (character) => NAMED[character] ?? character);
}
