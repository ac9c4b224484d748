"""The NumPy program of the checkpoint comparison: numpy_checkpoint.py FILE

It prints a JSON object with the singular values of each matrix and its rank at NumPy's default tolerance for 32-bit
floats.
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
