/** Elements without content in HTML. */
const VOID: ReadonlySet<string> = new Set(['meta', 'link', 'br', 'hr', 'img', 'input', 'base']);
const TAG = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z:_][A-Za-z0-9:_.-]*(?:="[^"<]*")?)*)\s*(\/?)>/y;
const ENTITY = /&(?!(?:amp|lt|gt|quot|#39|nbsp);)/;

/**
 * What is wrong with a page, by a reader of its own that knows no repairs, unlike browsers: tags that are not closed in order, a stray `<` or `&`, attributes without
 * quotes or given twice, ids given twice or referred to and not there, lists and tables with children that they may not have.
 */
export function faultsOf(page: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const ids: string[] = [];
  const references: string[] = [];
  if (!page.startsWith('<!DOCTYPE html>\n')) faults.push('no doctype');
  let at = '<!DOCTYPE html>'.length;
  while (at < page.length) {
    const isRaw = open.at(-1) === 'style';
    const next = isRaw ? page.indexOf('</style', at) : page.indexOf('<', at);
    const text = page.slice(at, next === -1 ? undefined : next);
    if (!isRaw && (ENTITY.test(text) || (text.includes('>') && open.at(-1) !== 'text'))) faults.push(`stray character in ${JSON.stringify(text.slice(0, 60))}`);
    if (['ul', 'dl', 'tr', 'thead', 'tbody', 'table'].includes(open.at(-1) ?? '') && text.trim() !== '') faults.push(`text in ${open.at(-1) ?? ''}`);
    if (next === -1) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(page);
    if (tag === null) return [...faults, `not a tag: ${JSON.stringify(page.slice(next, next + 60))}`];
    at = TAG.lastIndex;
    const [, closes = '', name = '', attributes = '', selfCloses = ''] = tag;
    if (closes !== '') {
      const expected = open.pop();
      if (expected !== name) return [...faults, `</${name}> where </${expected ?? ''}> is due`];
      continue;
    }
    const given = [...attributes.matchAll(/([A-Za-z:_][A-Za-z0-9:_.-]*)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => ({ key, value }));
    if (new Set(given.map(({ key }) => key)).size < given.length) faults.push(`an attribute twice: ${tag[0].slice(0, 80)}`);
    for (const { key, value } of given) {
      if (ENTITY.test(value)) faults.push(`stray & in ${key}`);
      if (key === 'id') ids.push(value);
      if (key === 'aria-labelledby' || key === 'aria-describedby') references.push(...value.split(' '));
      if (key === 'href') references.push(value.replace(/^#/, ''));
    }
    faults.push(...misplaced(name, open.at(-1)));
    if (selfCloses === '' && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) faults.push(`left open: ${open.join(', ')}`);
  if (new Set(ids).size < ids.length) faults.push('an id twice');
  return [...faults, ...references.filter((id) => !ids.includes(id)).map((id) => `no element has the id ${id}`)];
} // prettier-ignore

const PARENTS: Readonly<Record<string, readonly string[]>> = {
  li: ['ul', 'ol'],
  dt: ['div', 'dl'],
  dd: ['div', 'dl'],
  tr: ['thead', 'tbody'],
  td: ['tr'],
  th: ['tr'],
  caption: ['table'],
  thead: ['table'],
  tbody: ['table'],
  figcaption: ['figure'],
};
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  ul: ['li'],
  dl: ['div'],
  p: ['span', 'strong', 'a'],
  span: ['span'],
  head: ['meta', 'title', 'style'],
};

function misplaced(name: string, parent: string | undefined): string[] {
  const [parents, children] = [PARENTS[name], CHILDREN[parent ?? '']];
  const isRight = (parents === undefined || parents.includes(parent ?? '')) && (children === undefined || children.includes(name));
  return isRight ? [] : [`<${name}> in <${parent ?? ''}>`];
}
