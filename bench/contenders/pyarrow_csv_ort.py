"""PyArrow CSV stream + ONNX Runtime: python pyarrow_csv_ort.py MODEL INPUT.csv OUTPUT.csv THREADS

`open_csv` reads ahead block by block and gives record batches; `to_tensor` lays one out row by row in C++. The session has all threads.
"""

import sys

model, source, target, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

import pyarrow as pa
import pyarrow.csv as csv
from predictions import ID, matrix_features, named, open_session

BLOCK_BYTES = 16 << 20

pa.set_cpu_count(threads)
session = open_session(model, threads)
feed = session.get_inputs()[0].name
features = matrix_features(session)
types = {ID: pa.int64(), **dict.fromkeys(features, pa.float32())}

reader = csv.open_csv(source, read_options=csv.ReadOptions(block_size=BLOCK_BYTES), convert_options=csv.ConvertOptions(column_types=types))
with open(target, "wb") as output:
    for index, batch in enumerate(reader):
        outputs = session.run(None, {feed: batch.select(features).to_tensor(row_major=True).to_numpy()})
        columns = {ID: batch.column(ID), **{name: pa.array(values) for name, values in named(session, outputs).items()}}
        csv.write_csv(pa.table(columns), output, csv.WriteOptions(include_header=index == 0, quoting_style="none", quoting_header="none"))
