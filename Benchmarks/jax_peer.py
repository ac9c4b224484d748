"""The JAX program of the comparison: jax_peer.py WIDTH [sgd|momentum|adamw]

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


def sgd(p, g, states, t):
    return p - 0.1 * g, states


def momentum(p, g, states, t):
    velocity = 0.9 * states[0] + g
    return p - 0.01 * velocity, (velocity,)


def adamw(p, g, states, t):
    mean, square = 0.9 * states[0] + 0.1 * g, 0.999 * states[1] + 0.001 * g * g
    root = jnp.sqrt(square) / jnp.sqrt(1 - 0.999 ** t) + 1e-8
    return (1 - 1e-3 * 0.01) * p - 1e-3 / (1 - 0.9 ** t) * mean / root, (mean, square)


# The rule of an update with its number of states.
RULES = {"sgd": (sgd, 0), "momentum": (momentum, 1), "adamw": (adamw, 2)}
RULE, STATES = RULES[(sys.argv + ["sgd"])[2]]


@functools.partial(jax.jit, donate_argnums=(0, 1))
def step(parameters, states, t, x, y):
    (value, correct), gradients = jax.value_and_grad(loss, has_aux=True)(parameters, x, y)
    flat, shape = jax.tree.flatten(parameters)
    new = [RULE(p, g, s, t) for p, g, s in zip(flat, jax.tree.leaves(gradients), states)]
    return jax.tree.unflatten(shape, [p for p, _ in new]), [s for _, s in new], value, correct


def initial(width):
    sizes = [784, 784, width, width, 10]
    return [(jnp.eye(m, n), jnp.full(m, 0.01)) for n, m in zip(sizes, sizes[1:])]


def initial_states(parameters):
    return [tuple(jnp.zeros_like(p) for _ in range(STATES)) for p in jax.tree.leaves(parameters)]


def main():
    width = int(sys.argv[1])
    (x, y), (test_x, test_y) = read("train"), read("t10k")
    evaluate = jax.jit(loss)
    for size in (64, 32):
        parameters = initial(width)
        jax.block_until_ready(step(parameters, initial_states(parameters), 1.0, x[:size], y[:size]))
    jax.block_until_ready(evaluate(initial(width), test_x[:1000], test_y[:1000]))
    parameters = initial(width)
    states = initial_states(parameters)
    start = time.perf_counter()
    order = numpy.random.permutation(len(y))
    for number, first in enumerate(range(0, len(y), 64)):
        chosen = order[first:first + 64]
        parameters, states, value, correct = step(parameters, states, number + 1.0, x[chosen], y[chosen])
    for first in range(0, len(test_y), 1000):
        evaluate(parameters, test_x[first:first + 1000], test_y[first:first + 1000])
    jax.block_until_ready(parameters)
    print(time.perf_counter() - start)


main()
