"""Inputs that are not CSV, of the same values: python make_inputs.py FLOATS.csv OUTPUT.arrow OUTPUT.npy

An Arrow file in record batches of 65,536 rows as PyArrow writes them, and the features as a float32 matrix, row by row.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

source, arrow, matrix = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    names = file.readline().rstrip("\n").split(",")
types = {name: pa.int64() if name == "id" else pa.float32() for name in names}
table = csv.read_csv(source, convert_options=csv.ConvertOptions(column_types=types)).combine_chunks()
with pa.OSFile(arrow, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
    writer.write_table(table, max_chunksize=65_536)
features = [name for name in names if name != "id"]
np.save(matrix, np.ascontiguousarray(np.column_stack([table[name].to_numpy() for name in features])))
