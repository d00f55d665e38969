"""Polars + ONNX Runtime, a matrix of floats: python polars_ort.py MODEL INPUT.csv OUTPUT.csv THREADS

Streaming scan with the schema given (no inference pass), features straight to float32, row-major slices scored from as many threads as there are
cores, written by Polars' own CSV writer.

Tried on 1,000,000 rows x 28 floats with a logistic regression, the quickest kept (seconds of the process, two cores): `scan_csv` collected whole by the
streaming engine 0.87 (with threads inside the session instead 0.94); `read_csv` whole the same; `collect_batches` 1.10, `map_batches` into
`sink_csv` 1.10, `map_batches` collected 1.11. Those that never hold the whole frame peak at 400 MB where this one has 520.
Of 5,000 columns reading by either and one matrix or slices took the same time within the noise.
"""

import os
import sys

model, source, target, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ["POLARS_MAX_THREADS"] = str(threads)

import polars as pl
from predictions import ID, matrix_features, named, open_session, run_slices, slice_rows

with open(source, encoding="utf-8") as file:
    names = file.readline().rstrip("\n").split(",")
schema = {name: pl.Int64 if name == ID else pl.Float32 for name in names}
frame = pl.scan_csv(source, schema=schema).collect(engine="streaming")

session = open_session(model, 1)
feed = session.get_inputs()[0].name
features = frame.select(matrix_features(session))


def score(rows):
    return session.run(None, {feed: features[rows].to_numpy(order="c")})


outputs = run_slices(frame.height, slice_rows(features.width), threads, score)
pl.DataFrame({ID: frame[ID], **named(session, outputs)}).write_csv(target)
