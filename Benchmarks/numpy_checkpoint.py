"""NumPy's side of the comparison of a checkpoint's ranks: numpy_checkpoint.py FILE

One JSON object: of each matrix the rank by NumPy's own rule for 32-bit floats, and its singular values.
"""
import json
import sys

import numpy
from safetensors import safe_open

findings = {}
with safe_open(sys.argv[1], "numpy") as file:
    for name in file.keys():
        weight = file.get_tensor(name)
        if weight.ndim != 2 or weight.dtype != numpy.float32:
            continue
        values = numpy.linalg.svd(weight.astype(numpy.float64), compute_uv=False)
        tolerance = values.max() * max(weight.shape) * numpy.finfo(numpy.float32).eps
        findings[name] = {"shape": weight.shape, "rank": int((values > tolerance).sum()),
                          "values": values.tolist()}
json.dump(findings, sys.stdout)
