/** Widest line of a list. */
const WIDTH = 140;

/** A contract as text that people can edit: a key a line, lists of values and pairs in as few lines as fit. */
export function contractText(contract: object): string {
  return `${valueText(contract, '')}\n`;
}

function valueText(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) return listText(value as readonly unknown[], indent, inner);
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  const flat = JSON.stringify(value);
  if (entries.length === 0 || (flat.length + indent.length < WIDTH / 2 && entries.every(([, child]) => isPlain(child)))) return spaced(entries);
  return `{\n${entries.map(([key, child]) => `${inner}${JSON.stringify(key)}: ${valueText(child, inner)}`).join(',\n')}\n${indent}}`;
}

function spaced(entries: readonly (readonly [string, unknown])[]): string {
  return entries.length === 0 ? '{}' : `{ ${entries.map(([key, child]) => `${JSON.stringify(key)}: ${JSON.stringify(child)}`).join(', ')} }`;
}

function listText(list: readonly unknown[], indent: string, inner: string): string {
  if (list.length === 0) return '[]';
  if (!list.every((item) => isPlain(item) || (Array.isArray(item) && item.every(isPlain)))) {
    return `[\n${list.map((item) => `${inner}${valueText(item, inner)}`).join(',\n')}\n${indent}]`;
  }
  const lines = [''];
  for (const [index, item] of list.entries()) {
    const piece = `${JSON.stringify(item)}${index < list.length - 1 ? ',' : ''}`;
    const line = lines.at(-1) ?? '';
    if (line !== '' && inner.length + line.length + piece.length >= WIDTH) lines.push(piece);
    else lines[lines.length - 1] = line === '' ? piece : `${line} ${piece}`;
  }
  return lines.length === 1 ? `[${lines.join('')}]` : `[\n${lines.map((line) => inner + line).join('\n')}\n${indent}]`;
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
