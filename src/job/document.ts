import { JobError } from '../errors/errors.js';
import { parseYaml, type YamlEntry, type YamlNode } from '../files/yaml.js';

const FIX = 'Mend the line; docs/jobs.md shows a whole job file.';

/**
 * The top-level entries of a job file, in its order.
 *
 * @throws JobError `job-not-yaml`: the text is no YAML, or no mapping of keys, with line and character.
 */
export function parseJobDocument(text: string, file: string): readonly YamlEntry[] {
  return parseYaml(text, 'model: churn.onnx', (found, spot, line = '') => {
    const fix = unquoted(line) ?? FIX;
    return new JobError('job-not-yaml', `the job file cannot be read as YAML: ${found}`, { place: { file, ...spot }, fix });
  });
}

/** What to do about a line whose value begins with a placeholder and stands in no quotes; undefined for any other. */
function unquoted(line: string): string | undefined {
  const value = /(?:^|[\s:-])(\{(?:stem|name|date|run)\}[^\s}#]*)/.exec(line)?.[1];
  return value === undefined ? undefined : quoteText(value);
}

function quoteText(value: string): string {
  return `To YAML a value that begins with { is a map. Put it in quotes: "${value}"`;
}

/** The same for a value that was read as a map: `{date}` alone. */
export function unquotedPlaceholder(node: YamlNode): string | undefined {
  if (node.kind === 'scalar') return undefined;
  if (node.kind === 'list') return node.items.map(unquotedPlaceholder).find((text) => text !== undefined);
  const [only, ...others] = node.entries;
  if (only !== undefined && others.length === 0 && isPlaceholder(only)) return quoteText(`{${only.key}}`);
  return node.entries.map(({ node: value }) => unquotedPlaceholder(value)).find((text) => text !== undefined);
}

function isPlaceholder({ key, node }: YamlEntry): boolean {
  return ['stem', 'name', 'date', 'run'].includes(key) && node.kind === 'scalar' && node.value === null;
}
