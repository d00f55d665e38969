import { Float64, makeVector, RecordBatchFileWriter, RecordBatchStreamWriter, Table, Utf8, vectorFromArray, type Vector } from 'apache-arrow';

/** A table of texts as typed Arrow columns: float64 where every cell is a number or empty (null), else utf8. In batches of `batchRows`. */
export function toArrow(rows: readonly Record<string, string>[], batchRows: number, container: 'file' | 'stream'): Uint8Array {
  const names = Object.keys(rows[0] ?? {});
  const numeric = new Set(names.filter((name) => rows.every((row) => row[name] === '' || Number.isFinite(Number(row[name])))));
  const batches: Table[] = [];
  for (let at = 0; at < rows.length; at += batchRows) {
    const part = rows.slice(at, at + batchRows);
    batches.push(new Table(Object.fromEntries(names.map((name) => [name, vectorOf(part, name, numeric.has(name))]))));
  }
  const [first, ...others] = batches;
  if (first === undefined) throw new Error('no rows');
  const writer = container === 'file' ? new RecordBatchFileWriter() : new RecordBatchStreamWriter();
  for (const batch of first.concat(...others).batches) writer.write(batch);
  return writer.finish().toUint8Array(true);
}

function vectorOf(rows: readonly Record<string, string>[], name: string, numeric: boolean): Vector {
  if (!numeric) return vectorFromArray(rows.map((row) => row[name] ?? ''), new Utf8()); // prettier-ignore
  const values = rows.map((row) => (row[name] === '' ? null : Number(row[name])));
  return values.includes(null) ? vectorFromArray(values, new Float64()) : makeVector(Float64Array.from(values as number[]));
}
