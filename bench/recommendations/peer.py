"""Trains PyPI `implicit` on a matrix of confidences and writes the first hundred of each row, known ones left out and not.

Reads settings as JSON from standard input: files with starts (int32), columns (int32) and confidences (float64) of a sparse
matrix by rows, its shape, and what AlternatingLeastSquares takes. Writes two files of int32, a hundred a row; prints seconds.
"""
import json
import sys
import time

import implicit
import numpy as np
import scipy.sparse as sparse

asked = json.load(sys.stdin)
starts = np.fromfile(asked["starts"], dtype=np.int32)
columns = np.fromfile(asked["columns"], dtype=np.int32)
confidences = np.fromfile(asked["confidences"], dtype=np.float64).astype(np.float32)
matrix = sparse.csr_matrix((confidences, columns, starts), shape=tuple(asked["shape"]))

model = implicit.als.AlternatingLeastSquares(num_threads=1, dtype=np.float32, **asked["settings"])
began = time.process_time()
model.fit(matrix, show_progress=False)
seconds = time.process_time() - began
rows = np.arange(matrix.shape[0])
for name, known_out in (("fresh", True), ("later", False)):
    lists, _ = model.recommend(rows, matrix, N=100, filter_already_liked_items=known_out)
    lists.astype(np.int32).tofile(asked[name])
print(json.dumps({"seconds": seconds, "version": implicit.__version__}))
