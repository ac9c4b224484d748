"""The NumPy and PyTorch program of the series comparison: numpy_series.py numpy|torch FILE...

The first argument is the library that computes the singular values.

The files are checkpoints in the order of their steps, .pt or .safetensors. For each matrix of each checkpoint the program
prints a JSON line with the rank of W − W₀ at NumPy's default tolerance for 32-bit floats, effective and stable rank, the
ranks at 90 % and 99 % of the energy, both norms and the similarity to the previous checkpoint. It computes in double
precision, as zerolab does.
"""
import json
import sys

import numpy
import torch
from safetensors.torch import load_file


def load(path):
    if path.endswith(".pt"):
        return torch.load(path, map_location="cpu", weights_only=True)
    return load_file(path)


def quantities(values):
    if not values.size or values[0] == 0:
        return dict.fromkeys(["effective_rank", "stable_rank", "energy_rank_90", "energy_rank_99", "spectral_norm",
                              "frobenius_norm"], 0.0)
    p = values / values.sum()
    p = p[p > 0]
    squares = values ** 2
    energy = numpy.cumsum(squares) / squares.sum()
    return {"effective_rank": float(numpy.exp(-(p * numpy.log(p)).sum())),
            "stable_rank": float(squares.sum() / squares[0]),
            "energy_rank_90": int(numpy.searchsorted(energy, 0.90) + 1),
            "energy_rank_99": int(numpy.searchsorted(energy, 0.99) + 1),
            "spectral_norm": float(values[0]), "frobenius_norm": float(numpy.sqrt(squares.sum()))}


def singular_values(matrix):
    if sys.argv[1] == "numpy":
        return numpy.linalg.svd(matrix.numpy(), compute_uv=False)
    return torch.linalg.svdvals(matrix).numpy()


start = before = None
for place, path in enumerate(sys.argv[2:]):
    state = {name: tensor.to(torch.float64) for name, tensor in load(path).items() if tensor.dim() == 2}
    start = start or state
    for name, weight in state.items():
        values = singular_values(weight - start[name])
        tolerance = (values[0] if values.size else 0) * max(weight.shape) * numpy.finfo(numpy.float32).eps
        row = {"place": place, "matrix": name, "rank": int((values > tolerance).sum()), **quantities(values)}
        if before:
            row["similarity_to_previous"] = float(
                (weight * before[name]).sum() / (weight.norm() * before[name].norm()))
        print(json.dumps(row))
    before = state
