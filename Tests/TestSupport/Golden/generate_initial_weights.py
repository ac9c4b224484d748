#!/usr/bin/env python3
"""Makes initial_weights.json: weights and kernels by NumPy, SciPy and PyTorch (CPU).

    pip install -r ../../EndToEnd/Parity/requirements.txt
    python3 generate_initial_weights.py > initial_weights.json

Values are in double precision, except PyTorch's own draws.
"""
import json

import numpy
import scipy.fft
import scipy.linalg
import torch


def idinit(m, n):
    """Identities below each other, or one that is cut."""
    return numpy.vstack([numpy.eye(n)] * (m // n + 1))[:m]


def idinit_branch_end(m, n):
    weight = 1e-6 * idinit(m, n)
    for i in range(m):
        weight[i, (i + 1) % n if m >= n else m + i % (n - m)] -= 1e-6
    return weight


def sinusoidal(m, n):
    i, j = numpy.mgrid[:m, :n]
    sines = numpy.sin((i + 1) * (2 * numpy.pi * j / n + 2 * numpy.pi / m))
    return numpy.sqrt(2 / (sines.var(ddof=1) * (m + n))) * sines


def dct(m, n):
    """A column is the transform of a unit vector."""
    size = max(m, n)
    return scipy.fft.dct(numpy.eye(size), type=2, norm="ortho", axis=0)[:m, :n]


def zero(m, n):
    if m <= n:
        return numpy.eye(m, n)
    size = 1 << (m - 1).bit_length()
    return scipy.linalg.hadamard(size)[:m, :n] / numpy.sqrt(size)


RULES = {"IDInit": idinit, "IDInit_Branch_End": idinit_branch_end, "Sinusoidal": sinusoidal, "DCT": dct,
         "ConstAvg": lambda m, n: numpy.full((m, n), 1 / n), "Zeros": lambda m, n: numpy.zeros((m, n))}
SHAPES = [(10, 4), (4, 10), (3, 5), (5, 3), (6, 6), (7, 7), (1, 3), (3, 2)]


def kernel(rule, shape):
    """Algorithm 2: torch.nn.init.dirac_ says which tap is the center."""
    m, n, *extents = shape
    identity = torch.nn.init.dirac_(torch.empty(1, 1, *extents)).double().numpy()[0, 0]
    return numpy.multiply.outer(rule(m, n), identity)


def drawn(rule, seed, shape):
    torch.manual_seed(seed)
    return rule(torch.empty(*shape)).double().numpy()


def entry(name, shape, values, seed=0):
    return {"name": name, "seed": seed, "shape": list(shape), "values": values.ravel().tolist()}


def kernels():
    # Odd and even extents, one to three of them; 2 × 3 × 2 has PyTorch draw element by element.
    shapes = [(2, 3, 2), (7, 3, 3), (5, 4, 3, 3), (3, 4, 4, 2), (3, 2, 2, 3, 1)]
    init = torch.nn.init
    rules = {"Random": init.kaiming_normal_,
             "KaimingUniform": lambda t: init.kaiming_uniform_(t, nonlinearity="relu"),
             "XavierNormal": init.xavier_normal_, "XavierUniform": init.xavier_uniform_,
             "Orthogonal": init.orthogonal_}
    for i, shape in enumerate(shapes):
        yield entry("Partial_Identity", shape, init.dirac_(torch.empty(*shape)).double().numpy())
        for name, rule in {"ZerO": zero, **RULES}.items():
            yield entry(name, shape, kernel(rule, shape))
        for name, rule in rules.items():
            yield entry(name, shape, drawn(rule, 60 + i, shape), seed=60 + i)


weights = [entry(name, shape, rule(*shape)) for name, rule in RULES.items() for shape in SHAPES]
print(json.dumps({"weights": weights, "kernels": list(kernels())}))
