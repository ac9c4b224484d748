"""The JAX program of the comparison of residual networks: jax_resnet.py resnet20|resnet18 BATCH_SIZE UPDATES

It does what torch_resnet.py does. The step is compiled, its arguments are donated, and images are batch x height x width x channels. The
time does not include compiling.
"""
import functools
import sys
import time

import jax
import jax.numpy as jnp
import numpy

NETWORKS = {"resnet20": ([3, 3, 3], [16, 32, 64]), "resnet18": ([2, 2, 2, 2], [64, 128, 256, 512])}


def convolution(x, kernel, stride=1):
    padding = (kernel.shape[0] - 1) // 2
    return jax.lax.conv_general_dilated(
        x, kernel, (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def normalization(x, parameters, state, training):
    gain, shift = parameters
    if training:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        count = x.size // x.shape[-1]
        state = (0.9 * state[0] + 0.1 * mean, 0.9 * state[1] + 0.1 * variance * count / (count - 1))
    else:
        mean, variance = state
    return (x - mean) * (gain * jax.lax.rsqrt(variance + 1e-5)) + shift, state


def initial(blocks, widths):
    """Parameters and running statistics of every convolution with its normalization, in order, and of the last layer."""
    generator = numpy.random.default_rng(1)
    layers, states = [], []

    def add(size, inputs, outputs):
        kernel = generator.normal(0, (2 / (size * size * outputs)) ** 0.5, (size, size, inputs, outputs))
        layers.append((kernel.astype("float32"), (numpy.ones(outputs, "float32"), numpy.zeros(outputs, "float32"))))
        states.append((numpy.zeros(outputs, "float32"), numpy.ones(outputs, "float32")))

    add(3, 1, widths[0])
    inputs = widths[0]
    for count, width in zip(blocks, widths):
        for _ in range(count):
            add(3, inputs, width)
            add(3, width, width)
            if inputs != width:
                add(1, inputs, width)
            inputs = width
    last = (generator.normal(0, 0.1, (inputs, 10)).astype("float32"), numpy.zeros(10, "float32"))
    return jax.tree.map(jnp.asarray, ((layers, last), states))


def logits(parameters, states, x, blocks, widths, training):
    (layers, (weight, bias)), new, place = parameters, [], 0

    def layer(x, stride=1):
        nonlocal place
        kernel, norm = layers[place]
        y, state = normalization(convolution(x, kernel, stride), norm, states[place], training)
        new.append(state)
        place += 1
        return y

    x = jax.nn.relu(layer(x))
    for stage, (count, width) in enumerate(zip(blocks, widths)):
        for block in range(count):
            stride = 2 if stage and block == 0 else 1
            y = layer(jax.nn.relu(layer(x, stride)))
            x = jax.nn.relu(y + (layer(x, stride) if x.shape[-1] != width else x))
    return x.mean((1, 2)) @ weight + bias, new


def main():
    name, batch_size, updates = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    blocks, widths = NETWORKS[name]

    def loss(parameters, states, x, y):
        output, states = logits(parameters, states, x, blocks, widths, True)
        return -jax.nn.log_softmax(output)[jnp.arange(len(y)), y].mean(), states

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(parameters, velocities, states, x, y):
        (value, states), gradients = jax.value_and_grad(loss, has_aux=True)(parameters, states, x, y)
        velocities = jax.tree.map(lambda v, g: 0.9 * v + g, velocities, gradients)
        return jax.tree.map(lambda p, v: p - 0.01 * v, parameters, velocities), velocities, states, value

    evaluate = jax.jit(lambda parameters, states, x: logits(parameters, states, x, blocks, widths, False)[0].argmax(1))
    generator = numpy.random.default_rng(0)
    images = generator.random((batch_size * updates, 28, 28, 1), dtype="float32")
    labels = generator.integers(0, 10, len(images))

    def start():
        parameters, states = initial(blocks, widths)
        return parameters, jax.tree.map(jnp.zeros_like, parameters), states

    warm = step(*start(), images[:batch_size], labels[:batch_size])
    tests = len(images) // 6
    parts = [images[first:min(first + batch_size, tests)] for first in range(0, tests, batch_size)]
    for size in {len(part) for part in parts}:
        jax.block_until_ready(evaluate(warm[0], warm[2], images[:size]))
    parameters, velocities, states = start()
    begin = time.perf_counter()
    for chosen in numpy.split(generator.permutation(len(images)), updates):
        parameters, velocities, states, value = step(parameters, velocities, states, images[chosen], labels[chosen])
        float(value)
    for part in parts:
        jax.block_until_ready(evaluate(parameters, states, part))
    print(time.perf_counter() - begin)


main()
