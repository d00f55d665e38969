"""An Arrow file as CSV, so that outputs can be compared: python arrow_to_csv.py INPUT.arrow OUTPUT.csv"""

import sys

import pyarrow as pa
import pyarrow.csv as csv

source, target = sys.argv[1:]
with pa.OSFile(source, "rb") as file:
    csv.write_csv(pa.ipc.open_file(file).read_all(), target, csv.WriteOptions(quoting_style="none", quoting_header="none"))
