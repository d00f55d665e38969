"""A GBM of H2O's own as a MOJO, for PredictCsv: python make_mojo.py LABELLED.csv MODEL.zip THREADS

100 trees of depth 5 (at most 32 leaves), on the rows and labels that LightGBM's were trained on. Needs a JVM, which h2o starts and stops.
"""

import sys

import h2o
from h2o.estimators import H2OGradientBoostingEstimator

labelled, target, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
h2o.init(nthreads=threads, max_mem_size="2g", verbose=False)
h2o.no_progress()
frame = h2o.import_file(labelled)
frame["label"] = frame["label"].asfactor()
model = H2OGradientBoostingEstimator(ntrees=100, max_depth=5, seed=7)
model.train(x=[name for name in frame.columns if name != "label"], y="label", training_frame=frame)
model.download_mojo(path=target)
h2o.cluster().shutdown()
