"""The JAX program of the comparison: jax_peer.py WIDTH

It trains one epoch in batches of 64 and makes one test pass, without ranks. The step is compiled and its parameters are
donated; images and labels are arrays in memory. It prints the time in seconds, without imports, reading and compiling.
"""
import functools
import gzip
import pathlib
import sys
import time

import jax
import jax.numpy as jnp
import numpy

MNIST = pathlib.Path(__file__).parents[1] / "Sources/Learning/Datasets/MNIST"


def read(prefix):
    images = gzip.decompress((MNIST / f"{prefix}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((MNIST / f"{prefix}-labels-idx1-ubyte.gz").read_bytes())
    pixels = numpy.frombuffer(images, numpy.uint8, offset=16).reshape(-1, 784)
    return pixels.astype(numpy.float32) / 255, numpy.frombuffer(labels, numpy.uint8, offset=8).astype(int)


def logits(parameters, x):
    for weight, bias in parameters[:-1]:
        x = jax.nn.relu(x @ weight.T + bias)
    weight, bias = parameters[-1]
    return jax.nn.log_softmax(x @ weight.T + bias)


def loss(parameters, x, y):
    output = logits(parameters, x)
    return -output[jnp.arange(len(y)), y].mean(), (output.argmax(1) == y).sum()


@functools.partial(jax.jit, donate_argnums=0)
def step(parameters, x, y):
    (value, correct), gradients = jax.value_and_grad(loss, has_aux=True)(parameters, x, y)
    return jax.tree.map(lambda p, g: p - 0.1 * g, parameters, gradients), value, correct


def initial(width):
    sizes = [784, 784, width, width, 10]
    return [(jnp.eye(m, n), jnp.full(m, 0.01)) for n, m in zip(sizes, sizes[1:])]


def main():
    width = int(sys.argv[1])
    (x, y), (test_x, test_y) = read("train"), read("t10k")
    evaluate = jax.jit(loss)
    for size in (64, 32):
        jax.block_until_ready(step(initial(width), x[:size], y[:size]))
    jax.block_until_ready(evaluate(initial(width), test_x[:1000], test_y[:1000]))
    parameters = initial(width)
    start = time.perf_counter()
    order = numpy.random.permutation(len(y))
    for first in range(0, len(y), 64):
        chosen = order[first:first + 64]
        parameters, value, correct = step(parameters, x[chosen], y[chosen])
    for first in range(0, len(test_y), 1000):
        evaluate(parameters, test_x[first:first + 1000], test_y[first:first + 1000])
    jax.block_until_ready(parameters)
    print(time.perf_counter() - start)


main()
