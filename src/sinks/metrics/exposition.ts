/** A metric with its samples, as Prometheus reads them from text (exposition format 0.0.4). All are gauges: figures of the last run, which the next one replaces. */
export interface Family {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Families in the order given, those without a sample left out. Ends with a newline. */
export function formatFamilies(families: readonly Family[]): string {
  return families.filter(({ samples }) => samples.length > 0).map(formatFamily).join(''); // prettier-ignore
}

function formatFamily({ name, help, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${valueText(value)}\n`);
  return `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels).map(([name, value]) => `${name}="${escapeText(value).replaceAll('"', '\\"')}"`).join(',')}}`; // prettier-ignore
}

/** Backslash and newline are escaped in help and in labels. */
function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

/** The text of each family in a file that formatFamilies has written, by name, in its order. */
export function splitFamilies(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(/^(?=# HELP )/m)) {
    const name = /^# HELP (\S+) /.exec(part)?.[1];
    if (name !== undefined) found.set(name, part);
  }
  return found;
}

/** The value of the first sample of a family that has these labels, among others; undefined where there is none. */
export function sampleOf(family: string | undefined, labels: Readonly<Record<string, string>>): number | undefined {
  const asked = Object.entries(labels).map(([name, value]) => `${name}="${escapeText(value).replaceAll('"', '\\"')}"`);
  const line = family
    ?.split('\n')
    .find((each) => !each.startsWith('#') && asked.every((pair) => each.includes(`{${pair}`) || each.includes(`,${pair}`)));
  const value = Number(line?.slice(line.lastIndexOf(' ') + 1) || Number.NaN);
  return Number.isNaN(value) ? undefined : value;
}
