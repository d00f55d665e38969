/** Where events go. */
export type Destination =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'http'; readonly url: URL; readonly apiKey: string | undefined };

export interface Lineage {
  readonly destination: Destination;
  /** Of jobs. */
  readonly namespace: string;
}

const NAMESPACE = 'scoreline';
/** Path of the API, where a URL has none. */
const ENDPOINT = 'api/v1/lineage';

/**
 * What `--openlineage` says: a path, a URL of HTTP, or `env`, and only then the environment is looked at, by the conventions of OpenLineage's own clients: OPENLINEAGE_URL, _ENDPOINT,
 * _API_KEY, _NAMESPACE, _DISABLED. Undefined where that switches it off.
 *
 * @throws Error in words, for a warning.
 */
export function lineageOf(text: string, env: Readonly<Record<string, string | undefined>>): Lineage | undefined {
  if (text !== 'env') return { destination: destinationOf(text, ENDPOINT, undefined), namespace: NAMESPACE };
  if (/^(true|1)$/i.test(env['OPENLINEAGE_DISABLED'] ?? '')) return undefined;
  const url = env['OPENLINEAGE_URL'] ?? '';
  if (!isUrl(url)) throw new Error(`OPENLINEAGE_URL is ${url === '' ? 'not set' : 'no URL of HTTP'}`);
  const [endpoint, apiKey, namespace] = [env['OPENLINEAGE_ENDPOINT'] || ENDPOINT, env['OPENLINEAGE_API_KEY'] || undefined, env['OPENLINEAGE_NAMESPACE'] || NAMESPACE]; // prettier-ignore
  return { destination: destinationOf(url, endpoint, apiKey), namespace };
}

/** Is it a URL of HTTP, and not a path? */
export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** For messages: without user, password, query. */
export function placeOf(text: string): string {
  if (!isUrl(text)) return text;
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

function destinationOf(text: string, endpoint: string, apiKey: string | undefined): Destination {
  if (!isUrl(text)) return { kind: 'file', path: text };
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = `/${endpoint.replace(/^\/+/, '')}`;
  return { kind: 'http', url, apiKey };
}
