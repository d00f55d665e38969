import { parseHTML } from 'linkedom';

/** As much of an element as tests look at. */
export interface PageElement {
  readonly tagName: string;
  readonly id: string;
  readonly textContent: string | null;
  readonly children: Iterable<PageElement> & { readonly length: number };
  readonly firstElementChild: PageElement | null;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly getAttribute: (name: string) => string | null;
  readonly querySelector: (selector: string) => PageElement | null;
  readonly querySelectorAll: (selector: string) => Iterable<PageElement> & { readonly length: number };
}

export interface PageDocument extends Omit<PageElement, 'getAttribute'> {
  readonly documentElement: PageElement;
  readonly getElementById: (id: string) => PageElement | null;
}

const parse = parseHTML as unknown as (text: string) => { readonly document: PageDocument };

/** Reads a page as a browser would. */
export function parsePage(text: string): PageDocument {
  return parse(text).document;
}
