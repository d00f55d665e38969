"""Polars + ONNX Runtime: python polars_ort.py MODEL INPUT.csv OUTPUT.csv THREADS

Streaming scan with the schema given (no inference pass), features straight to float32, one row-major matrix, scored in slices that stay in the
cache, written by Polars' own CSV writer.
"""

import os
import sys

model, source, target, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ["POLARS_MAX_THREADS"] = str(threads)
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime as ort
import polars as pl

SLICE = 16_384

with open(source, encoding="utf-8") as file:
    names = file.readline().rstrip("\n").split(",")
features = [name for name in names if name != "id"]
schema = {name: pl.Int64 if name == "id" else pl.Float32 for name in names}
frame = pl.scan_csv(source, schema=schema).collect(engine="streaming")

options = ort.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
feed = session.get_inputs()[0].name
wanted = [output.name for output in session.get_outputs()]

labels = np.empty(frame.height, dtype=np.int64)
probabilities = np.empty((frame.height, 2), dtype=np.float32)
for start in range(0, frame.height, SLICE):
    rows = slice(start, min(start + SLICE, frame.height))
    matrix = frame.slice(start, SLICE).select(features).to_numpy(order="c")
    labels[rows], probabilities[rows] = session.run(wanted, {feed: matrix})

pl.DataFrame(
    {
        "id": frame["id"],
        "prediction": labels,
        "probability_0": np.ascontiguousarray(probabilities[:, 0]),
        "probability_1": np.ascontiguousarray(probabilities[:, 1]),
    }
).write_csv(target)
