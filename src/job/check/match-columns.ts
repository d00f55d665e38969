import { nearMisses, plainName } from '../../errors/nearest.js';

/** A column that the model reads and the input does not have under its name. */
export interface MissingColumn {
  readonly column: string;
  /** The model's input that it feeds. */
  readonly input: string;
}

/** What stands in its place: a column that nothing else is. */
export interface Renamed extends MissingColumn {
  readonly found: string;
}

export interface ColumnMatch {
  readonly renamed: readonly Renamed[];
  readonly absent: readonly MissingColumn[];
}

/** For how many columns slips of the pen are looked for: each is compared with every column that is left. */
const LOOKED_UP = 200;
/** One slip away from a shorter name is any other short name. */
const SHORTEST = 3;

/**
 * Finds what each missing column may be called in the input: a column that differs by case, blanks and punctuation alone, else one that is a slip of the pen away, among those that `taken`
 * does not have and that fit no other as well. Pure. For messages and for what is tried on the assumption, never for a score.
 */
export function matchColumns(missing: readonly MissingColumn[], columns: readonly string[], taken: ReadonlySet<string>): ColumnMatch {
  const free = columns.filter((name) => !taken.has(name));
  const byPlainName = new Map<string, string[]>();
  for (const name of free) byPlainName.set(plainName(name), [...(byPlainName.get(plainName(name)) ?? []), name]);
  const used = new Set<string>();
  const renamed: Renamed[] = [];
  const left: MissingColumn[] = [];
  for (const each of missing) {
    const same = byPlainName.get(plainName(each.column))?.filter((name) => !used.has(name)) ?? [];
    const [found] = same;
    if (found === undefined || same.length > 1) left.push(each);
    else {
      used.add(found);
      renamed.push({ ...each, found });
    }
  }
  const rest = free.filter((name) => !used.has(name));
  const absent = left.filter((each, index) => {
    const near = index < LOOKED_UP && each.column.length >= SHORTEST ? nearMisses(each.column, rest).filter((name) => !used.has(name)) : [];
    const [found] = near;
    if (found === undefined || near.length > 1) return true;
    used.add(found);
    renamed.push({ ...each, found });
    return false;
  });
  return { renamed, absent };
}
