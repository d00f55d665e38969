"""Makes the Arrow files beside it with pyarrow, and the text that every cell must have. Run: python make.py (pyarrow 26, numpy, polars 2.1,
lz4 4.4, zstandard 0.25)."""
import datetime, decimal, json, os, random
import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

HERE = os.path.dirname(os.path.abspath(__file__))
random.seed(20240707)
decimal.getcontext().prec = 100
ROWS = 40
SIZES = (17, 0, 1, 22)
UNITS = {'s': 0, 'ms': 3, 'us': 6, 'ns': 9}


def holes(values, share=0.2):
    return [None if random.random() < share else value for value in values]


def word():
    return random.choice(['', 'a', 'bé', '日本語', 'x' * 20, 'quote"d', 'comma, and more', '007', '𝔘'])


def isodate(days):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=days)).isoformat()


def clock(ticks, digits):
    seconds, rest = divmod(ticks, 10**digits)
    text = f'{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}'
    return text + (f'.{rest:0{digits}}' if digits else '')


def stamp(ticks, digits):
    days, rest = divmod(ticks, 86400 * 10**digits)
    return isodate(days) + 'T' + clock(rest, digits)


def span(ticks, digits):
    sign, size = ('-', -ticks) if ticks < 0 else ('', ticks)
    seconds, rest = divmod(size, 10**digits)
    return f'PT{sign}{seconds}' + (f'.{rest:0{digits}}' if digits else '') + 'S'


columns, texts = {}, {}


def add(name, array, expected):
    columns[name] = array
    texts[name] = expected


def each(values, text):
    return [None if value is None else text(value) for value in values]


for name in ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64']:
    kind = getattr(pa, name)()
    low, high = (0, 2**kind.bit_width - 1) if name[0] == 'u' else (-(2 ** (kind.bit_width - 1)), 2 ** (kind.bit_width - 1) - 1)
    values = holes([random.choice([low, high, random.randint(low, high)]) for _ in range(ROWS)])
    add(name, pa.array(values, kind), each(values, str))
values = [random.randint(-2048, 2048) / 4 for _ in range(ROWS)]
add('float16', pa.array(np.array(values, dtype=np.float16)), each(values, lambda v: str(int(v)) if v == int(v) else str(v)))
values = holes([random.choice([0.5, -1.25, 1e10, 3.0]) for _ in range(ROWS)])
plain = {0.5: '0.5', -1.25: '-1.25', 1e10: '10000000000', 3.0: '3', 0.1: '0.1', float('inf'): 'inf', -0.0: '-0'}
add('float32', pa.array(values, pa.float32()), each(values, plain.get))
values = holes([random.choice([0.1, -1.25, float('inf'), 3.0]) for _ in range(ROWS)])
add('float64', pa.array(values, pa.float64()), each(values, plain.get))
values = holes([random.random() < 0.5 for _ in range(ROWS)])
add('bool', pa.array(values, pa.bool_()), each(values, lambda v: 'true' if v else 'false'))
for name, kind in [('utf8', pa.utf8()), ('large_utf8', pa.large_utf8()), ('utf8_view', pa.string_view())]:
    values = holes([word() for _ in range(ROWS)])
    add(name, pa.array(values, kind), values)
for name, kind in [('binary', pa.binary()), ('large_binary', pa.large_binary()), ('binary_view', pa.binary_view())]:
    values = holes([word().encode() for _ in range(ROWS)])
    add(name, pa.array(values, kind), each(values, bytes.hex))
values = holes([random.randbytes(5) for _ in range(ROWS)])
add('fixed_binary', pa.array(values, pa.binary(5)), each(values, bytes.hex))
for bits, precision in [(32, 9), (64, 18), (128, 38), (256, 76)]:
    values = holes([decimal.Decimal(random.randint(-(10**precision) + 1, 10**precision - 1)).scaleb(-3) for _ in range(ROWS)])
    add(f'decimal{bits}', pa.array(values, getattr(pa, f'decimal{bits}')(precision, 3)), each(values, lambda v: f'{v:f}'))
values = holes([random.randint(-100000, 100000) for _ in range(ROWS)])
add('date32', pa.array(values, pa.int32()).view(pa.date32()), each(values, isodate))
add('date64', pa.array([None if v is None else v * 86400000 for v in values], pa.int64()).view(pa.date64()), each(values, isodate))
for unit, digits in UNITS.items():
    values = holes([random.randint(0, 86399) * 10**digits + random.randrange(10**digits) for _ in range(ROWS)])
    kind, whole = (pa.time32(unit), pa.int32()) if digits < 6 else (pa.time64(unit), pa.int64())
    add(f'time_{unit}', pa.array(values, whole).view(kind), each(values, lambda v: clock(v, digits)))
    values = holes([random.randint(-5 * 10**9, 5 * 10**9) * 10**digits + random.randrange(10**digits) for _ in range(ROWS)])
    add(f'timestamp_{unit}', pa.array(values, pa.int64()).view(pa.timestamp(unit)), each(values, lambda v: stamp(v, digits)))
    add(f'zoned_{unit}', pa.array(values, pa.int64()).view(pa.timestamp(unit, 'Europe/Vienna')), each(values, lambda v: stamp(v, digits) + 'Z'))
    add(f'duration_{unit}', pa.array(values, pa.int64()).view(pa.duration(unit)), each(values, lambda v: span(v, digits)))
values = holes([(random.randint(-9, 9), random.randint(-9, 9), random.randint(-(10**15), 10**15)) for _ in range(ROWS)])
add('interval', pa.array([None if v is None else pa.MonthDayNano(list(v)) for v in values]), each(values, lambda v: f'P{v[0]}M{v[1]}D' + span(v[2], 9)[1:]))
add('null', pa.nulls(ROWS), [None] * ROWS)


def js(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))


values = holes([holes([random.randint(0, 99) for _ in range(random.randint(0, 4))]) for _ in range(ROWS)])
add('list', pa.array(values, pa.list_(pa.int64())), each(values, js))
values = holes([holes([word() for _ in range(random.randint(0, 3))]) for _ in range(ROWS)])
add('large_list', pa.array(values, pa.large_list(pa.utf8())), each(values, js))
values = holes([holes([random.randint(-9, 9) for _ in range(3)]) for _ in range(ROWS)])
add('fixed_list', pa.array(values, pa.list_(pa.int16(), 3)), each(values, js))
values = holes([{'a': random.choice([None, 1, 2]), 'b': word(), 'c': holes([True, False])} for _ in range(ROWS)])
add('struct', pa.array(values, pa.struct([('a', pa.int16()), ('b', pa.utf8()), ('c', pa.list_(pa.bool_()))])), each(values, js))
values = holes([[(word() + str(i), random.choice([None, i])) for i in range(random.randint(0, 3))] for _ in range(ROWS)])
add('map', pa.array(values, pa.map_(pa.utf8(), pa.int32())), each(values, lambda v: js([{'key': key, 'value': value} for key, value in v])))
numbers, words = holes(list(range(ROWS))), holes([word() for _ in range(ROWS)])
ids = [random.choice([0, 1]) for _ in range(ROWS)]
sparse = pa.UnionArray.from_sparse(pa.array(ids, pa.int8()), [pa.array(numbers, pa.int32()), pa.array(words)], ['i', 's'], [0, 1])
add('sparse_union', sparse, [(words[i] if t else None if numbers[i] is None else str(numbers[i])) for i, t in enumerate(ids)])
ids, offsets, counts, expected = [random.choice([5, 9]) for _ in range(ROWS)], [], {5: 0, 9: 0}, []
for t in ids:
    at = counts[t]
    offsets.append(at)
    expected.append(words[at] if t == 9 else None if numbers[at] is None else str(numbers[at]))
    counts[t] += 1
dense = pa.UnionArray.from_dense(pa.array(ids, pa.int8()), pa.array(offsets, pa.int32()), [pa.array(numbers, pa.int32()), pa.array(words)], ['i', 's'], [5, 9])
add('dense_union', dense, expected)
categories = ['', 'aa', 'bé', None, 'dd']
for name in ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64']:
    values = holes([random.randrange(5) for _ in range(ROWS)])
    add(f'dictionary_{name}', pa.DictionaryArray.from_arrays(pa.array(values, getattr(pa, name)()), pa.array(categories), ordered=name == 'int16'), each(values, categories.__getitem__))
values = holes([random.randrange(3) for _ in range(ROWS)])
add('dictionary_of_numbers', pa.DictionaryArray.from_arrays(pa.array(values, pa.int8()), pa.array([10**15, -1, 7])), each(values, lambda v: str([10**15, -1, 7][v])))
picks = [random.randrange(3) for _ in range(2 * ROWS)]
pqr = pa.DictionaryArray.from_arrays(pa.array(picks, pa.int8()), pa.array(['p', 'q', 'r']))
add('list_of_dictionary', pa.ListArray.from_arrays(pa.array(range(0, 2 * ROWS + 1, 2), pa.int32()), pqr), [js(['pqr'[p] for p in picks[2 * i : 2 * i + 2]]) for i in range(ROWS)])
inner = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), pa.array(['in', 'out']))
outer = pa.StructArray.from_arrays([inner, pa.array([1, 2, 3])], ['k', 'n'])
values = holes([random.randrange(3) for _ in range(ROWS)])
add('dictionary_in_dictionary', pa.DictionaryArray.from_arrays(pa.array(values, pa.int32()), outer), each(values, lambda v: js([{'k': 'in', 'n': 1}, {'k': 'out', 'n': 2}, {'k': 'in', 'n': 3}][v])))

fields = [pa.field(name, array.type, metadata={'of': name}) for name, array in columns.items()]
table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata={'made': 'by pyarrow'}))


def write(name, table, sizes=SIZES, file=False, **options):
    with (ipc.new_file if file else ipc.new_stream)(os.path.join(HERE, name), table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        at = 0
        for size in sizes:
            for batch in table.slice(at, size).to_batches():
                writer.write_batch(batch)
            at += size


write('all-types.arrows', table)
write('all-types.arrow', table, file=True)
few = table.select(['int32', 'utf8', 'float64', 'dictionary_int8', 'list'])
write('legacy.arrows', few, use_legacy_format=True)
write('legacy.arrow', few, file=True, use_legacy_format=True)
write('v4.arrows', few, metadata_version=ipc.MetadataVersion.V4)
write('lz4.arrows', few, compression='lz4')
with open(os.path.join(HERE, 'all-types.json'), 'w') as out:
    json.dump(texts, out, ensure_ascii=False, indent=0)


def batch(indices, words):
    coded = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(words))
    return pa.record_batch({'id': pa.array(range(len(indices)), pa.int64()), 'c': coded, 'l': pa.array([[v] for v in range(len(indices))])})


batches = [batch([0, 1, None, 0], ['a', 'b']), batch([0, 1, 2], ['a', 'b', 'c']), batch([1, 0, None], ['z', 'b']), batch([0, 0], ['z']), batch([2, 1, 0], ['c', 'a', 'new'])]
for name, delta in [('replaced.arrows', False), ('delta.arrows', True)]:
    with ipc.new_stream(os.path.join(HERE, name), batches[0].schema, options=ipc.IpcWriteOptions(emit_dictionary_deltas=delta)) as writer:
        for entry in batches:
            writer.write_batch(entry)
with ipc.new_file(os.path.join(HERE, 'delta.arrow'), batches[0].schema, options=ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as writer:
    for entry in batches[:2]:
        writer.write_batch(entry)

# Compressed bodies: every type, and enough rows of a few that there is something to compress. What a row of `series` holds, tests compute again.
write('all-types-lz4.arrow', table, file=True, compression='lz4')
write('all-types-zstd.arrows', table, compression='zstd')
COUNT = 6000
series = {
    'number': pa.array([None if i % 11 == 0 else i // 8 for i in range(COUNT)], pa.int64()),
    'share': pa.array([(i % 97) / 4 for i in range(COUNT)], pa.float64()),
    'word': pa.array([None if i % 7 == 3 else f'word {i % 29}' for i in range(COUNT)], pa.utf8()),
    'flag': pa.array([i % 3 == 0 for i in range(COUNT)], pa.bool_()),
    'kind': pa.array([f'kind {i % 40}' for i in range(COUNT)]).dictionary_encode(),
}
for codec in ['lz4', 'zstd']:
    write(f'series-{codec}.arrow', pa.table(series), sizes=(2500, 0, 3500), file=True, compression=codec)
    write(f'series-{codec}.arrows', pa.table(series), sizes=(2500, 0, 3500), compression=codec)

# Columns of types that are passed over, between others.
lists = pa.array([[1, 2], None, [], [3, None]], pa.list_view(pa.int32()))
unread = {
    'id': pa.array([1, 2, None, 4], pa.int64()),
    'views': lists,
    'large_views': pa.array([['a', 'bb'], [], None, ['ccc']], pa.large_list_view(pa.string_view())),
    'text_view': pa.array(['short', 'x' * 20, None, 'y' * 30], pa.string_view()),
    'runs': pa.RunEndEncodedArray.from_arrays(pa.array([1, 4], pa.int32()), pa.array(['u', 'v'])),
    'within': pa.array([{'a': [1], 'b': 'p'}, None, {'a': None, 'b': 'q'}, {'a': [], 'b': None}], pa.struct([('a', pa.list_view(pa.int8())), ('b', pa.utf8())])),
    'coded_views': pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0], pa.int8()), lists),
    'word': pa.array(['w', None, 'x', 'y']),
    'coded': pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0], pa.int8()), pa.array(['p', 'q'])),
}
write('unreadable.arrows', pa.table(unread), sizes=(1, 3))
write('unreadable-zstd.arrow', pa.table(unread), sizes=(1, 3), file=True, compression='zstd')
unions = {'id': pa.array(range(ROWS), pa.int64()), 'sparse': sparse, 'dense': dense, 'word': pa.array(words)}
write('v4-unions.arrows', pa.table(unions), metadata_version=ipc.MetadataVersion.V4)

# Frames of every kind that the two formats know, by lz4 4.4 and zstandard 0.25: made of the same bytes, which tests compute again.
import lz4.frame, zstandard

content = bytes((i * i >> 5) % 251 if i % 4096 < 3000 else 7 for i in range(70000))
frames = {
    'lz4-linked': lz4.frame.compress(content, block_size=4, block_linked=True, store_size=False),
    'lz4-independent': lz4.frame.compress(content, block_size=4, block_linked=False),
    'lz4-checksums': lz4.frame.compress(content, block_size=5, content_checksum=True, block_checksum=True),
    'lz4-high': lz4.frame.compress(content, compression_level=12, content_checksum=True),
    'zstd': zstandard.ZstdCompressor(write_content_size=True).compress(content),
    'zstd-checksum': zstandard.ZstdCompressor(level=19, write_checksum=True).compress(content),
    'zstd-no-size': zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress(content),
    'zstd-two-frames': b''.join(zstandard.ZstdCompressor(write_content_size=size).compress(part) for size, part in [(True, content[:50000]), (False, content[50000:])]),
    'zstd-skippable': (0x184D2A53).to_bytes(4, 'little') + (3).to_bytes(4, 'little') + b'abc' + zstandard.ZstdCompressor().compress(content),
}
for name, frame in frames.items():
    with open(os.path.join(HERE, f'{name}.frame'), 'wb') as out:
        out.write(frame)

import polars as pl

rows = range(COUNT)
frame = pl.DataFrame(
    {
        'number': pl.Series([None if i % 11 == 0 else i // 8 for i in rows], dtype=pl.Int64),
        'share': [(i % 97) / 4 for i in rows],
        'word': [None if i % 7 == 3 else f'word {i % 29}' for i in rows],
        'flag': [i % 3 == 0 for i in rows],
        'kind': pl.Series([f'kind {i % 40}' for i in rows], dtype=pl.Categorical),
    }
)
for codec in ['lz4', 'zstd']:
    frame.write_ipc(os.path.join(HERE, f'polars-{codec}.arrow'), compression=codec)
    frame.write_ipc_stream(os.path.join(HERE, f'polars-{codec}.arrows'), compression=codec)

# polars.arrow: polars 2.1, pl.DataFrame({'i': [1, 2, None], 's': ['a', None, 'c' * 21], 'c': Categorical x y x, 'l': [[1], [], None],
# 'dt': [2020-01-01, None, 1999-01-01]}).write_ipc(path, compression='uncompressed'). It has no schema message, and its dictionary stands
# behind the record batch.
