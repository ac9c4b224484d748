"""Checks that count failures, and the slow oracle of zerolab's numbers: NumPy in double precision.

In the formulas, σ₁ ≥ σ₂ ≥ … are the singular values of a matrix of m × n.
"""
import json
import os
import pathlib
import subprocess
import sys

import numpy
import torch

ZEROLAB = str(pathlib.Path(sys.argv[1]).resolve())
SHORT = "--short" in sys.argv

# zerolab's documented bound on the relative error of a singular value.
SINGULAR_VALUE_ERROR = 1e-4
# Quantities are continuous functions of the singular values; a sum of n values has at most their relative error.
QUANTITY_ERROR = 1e-4
# Cosines and overlaps are sums of products of double-precision numbers between -1 and 1.
COSINE_ERROR = 1e-6

checks = failures = 0


def check(what, passed, detail=""):
    """Counts a check and prints it if it fails; returns whether it passed."""
    global checks, failures
    checks += 1
    if not passed:
        failures += 1
        print(f"OUT  {what}  {detail}", flush=True)
    return bool(passed)


def conclude():
    """Prints the number of checks; the exit code is 1 if any failed, or if none was made."""
    print(f"{checks} checks, {failures} failed")
    sys.exit(failures > 0 or checks == 0)


def zerolab(*arguments, code=0, folder=None):
    """Runs zerolab; returns its two output streams. An unexpected exit code is a failed check."""
    command = [ZEROLAB, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder,
                          env={**os.environ, "COLUMNS": "200"}, stdin=subprocess.DEVNULL)
    check(f"zerolab {' '.join(command[1:])}: exit code {code}", done.returncode == code,
          f"was {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout, done.stderr


def as_matrix(tensor):
    """A weight as outputs × inputs in double precision; the inputs of a convolution include its taps."""
    return tensor.detach().to(torch.float64).reshape(tensor.shape[0], -1).numpy()


def tolerance(values, shape, dtype):
    """NumPy's tolerance, σ₁·max(m, n)·ε, with the ε of single precision for narrower types."""
    epsilon = numpy.finfo(numpy.float64 if dtype == torch.float64 else numpy.float32).eps
    return (values.max() if len(values) else 0) * max(shape) * epsilon


def singular_values(matrix):
    return numpy.linalg.svd(matrix, compute_uv=False)


def distance(found, expected):
    """The largest relative difference of two lists of singular values.

    A value that double precision cannot tell from 0 is compared with the smallest value that it can.
    """
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    if found.shape != expected.shape:
        return numpy.inf
    if not len(expected):
        return 0.0
    least = max(expected.max() * 1e-12, 1e-300)
    return float(numpy.max(numpy.abs(found - expected) / numpy.maximum(expected, least)))


def quantities(values):
    """The quantities of a spectrum that do not depend on a tolerance, by their names in zerolab's output."""
    names = ["effective_rank", "stable_rank", "energy_rank_90", "energy_rank_99", "top_share", "spectral_norm",
             "frobenius_norm"]
    if not len(values) or values.max() == 0:
        return dict.fromkeys(names, 0.0)
    p = values / values.sum()
    energy = numpy.cumsum(values ** 2) / numpy.sum(values ** 2)
    return dict(zip(names, [
        float(numpy.exp(-numpy.sum(p[p > 0] * numpy.log(p[p > 0])))),
        float(numpy.sum(values ** 2) / values.max() ** 2),
        int(numpy.searchsorted(energy, 0.90) + 1), int(numpy.searchsorted(energy, 0.99) + 1),
        float(energy[min(10, len(values)) - 1]), float(values.max()), float(numpy.sqrt(numpy.sum(values ** 2)))]))


def cosine(a, b):
    """The similarity ⟨A, B⟩ / (|A|·|B|)."""
    return float(numpy.vdot(a, b) / (numpy.linalg.norm(a) * numpy.linalg.norm(b)))


def overlap(a, b, count):
    """The overlap ‖V₁ᵀV₂‖² / k of the leading k singular vectors on the shorter side, between 0 and 1.

    These are left singular vectors of a square matrix."""
    count = min(count, *a.shape)
    first, second = (numpy.linalg.svd(matrix if matrix.shape[0] > matrix.shape[1] else matrix.T,
                                      full_matrices=False)[2][:count] for matrix in (a, b))
    return float(numpy.sum((first @ second.T) ** 2) / count)


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]
