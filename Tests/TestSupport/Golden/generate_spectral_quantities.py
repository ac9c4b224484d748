#!/usr/bin/env python3
"""Makes spectral_quantities.json: quantities of small matrices, by NumPy.

    pip install numpy
    python3 generate_spectral_quantities.py > spectral_quantities.json

The elements are rational functions of the indices, so that any program can make the same ones.
"""
import json

import numpy as np


def matrix(rows, columns, seed):
    """Irregular elements; row i is divided by i + 1, so that the singular values decay."""
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return (((i * 7919 + j * 104729 + i * j * 31 + seed * 613) % 1009) / 1009 - 0.5) / (i + 1)


def energy_rank(values, fraction):
    squares = values**2
    return int(np.argmax(np.cumsum(squares) >= fraction * squares.sum())) + 1


def subspace(a, count):
    """The leading singular vectors of the shorter side, as columns."""
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return u[:, :count] if a.shape[0] <= a.shape[1] else vt[:count].T


spectra, pairs = [], []
for rows, columns, tolerance in [(30, 20, 0.1), (12, 40, 0.05), (25, 25, 0.3), (1, 7, 0.1)]:
    a, b = matrix(rows, columns, 1), matrix(rows, columns, 2)
    values = np.linalg.svd(a, compute_uv=False)
    squares, p = values**2, values / values.sum()
    spectra.append({
        "rows": rows, "columns": columns, "tolerance": tolerance,
        "rank": int(np.linalg.matrix_rank(a, tol=tolerance)),
        "effective_rank": float(np.exp(-(p * np.log(p)).sum())),
        "stable_rank": float(squares.sum() / squares[0]),
        "energy_rank_90": energy_rank(values, 0.9), "energy_rank_99": energy_rank(values, 0.99),
        "top_share": float(squares[:10].sum() / squares.sum()),
        "spectral_norm": float(np.linalg.norm(a, 2)),
        "frobenius_norm": float(np.linalg.norm(a))})
    count = min(5, rows, columns)
    cosines = subspace(a, count).T @ subspace(b, count)
    pairs.append({
        "rows": rows, "columns": columns, "count": count,
        "similarity": float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b))),
        "overlap": float((cosines**2).sum() / count)})
print(json.dumps({"spectra": spectra, "pairs": pairs}))
