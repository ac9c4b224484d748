#!/usr/bin/env python3
"""Compares the speed of zerolab with PyTorch, JAX and NumPy on the same machine.

    make bench-peers        (installs the other programs and calls this script)
    peers.py ZEROLAB BENCHMARKS [--short]

The programs of a line run alternately, three times each. A line contains the median of the three speed-ups, their range
and the required value. The time of a rank is the median of seven in one process after a warm-up. Neither program receives
variables that select a BLAS kernel. The exit code is 1 if a line fails.
"""
import functools
import pathlib
import sys
import tempfile

import numpy
import safetensors.numpy

from sides import (HERE, SHORT, WIDE, ZEROLAB, conclude, jax, jax_resnet, line, output, pytorch, pytorch_resnet,
                   zerolab_experiments, zerolab_resnet, zerolab_run)

BENCHMARKS = sys.argv[2]


def rank_lines():
    for width, at_least in ((WIDE, 6), (2 * WIDE, 8)):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            output(ZEROLAB, "train", "--init", "ZerO", "--width", width, "--no-measure", "--save-model",
                   "--out", folder, "--name", "run")
            weight = safetensors.numpy.load_file(folder / "run/model.safetensors")["l3.weight"]
            difference = (weight - numpy.eye(width, dtype=numpy.float32)).astype(numpy.float64)
            (folder / "difference").write_bytes(difference.tobytes())
            found = []

            def ours():
                rank, seconds = output(BENCHMARKS, "rank", folder / "difference")[0].split()
                found.append(int(rank))
                return float(seconds)

            def theirs():
                rank, seconds = output(sys.executable, HERE / "numpy_rank.py",
                                       folder / "difference")[0].split()
                found.append(int(rank))
                return float(seconds)

            line(f"rank of a trained {width} x {width}, numpy.linalg.matrix_rank", ours, theirs, at_least)
            if len(set(found)) != 1:
                sys.exit(f"ranks differ: {found}")


def residual_lines():
    """Updates of residual networks; PyTorch in its default layout and in channels_last, whichever is faster."""
    for model, batch_size, updates in (("resnet20", 128, 2),) if SHORT else (("resnet20", 128, 20), ("resnet18", 64, 8)):
        size = (model, batch_size, updates)
        what = f"{updates} updates of {model}, batches of {batch_size}"
        ours = functools.partial(zerolab_resnet, *size)
        theirs = functools.partial(pytorch_resnet, *size)
        line(f"{what}, PyTorch's default layout", lambda: ours()[0], lambda: theirs("default")[0], 1.2)
        line(f"{what}, PyTorch in channels_last", lambda: ours()[0], lambda: theirs("channels_last")[0], 1)
        line(f"{what}, JAX", lambda: ours()[0], lambda: jax_resnet(*size), 1.2)
        line(f"peak memory of {model}, PyTorch, the smaller", lambda: ours()[1],
             lambda: min(theirs("default")[1], theirs("channels_last")[1]), 1, "MiB")


def main():
    print(f"{'task, other program':66} {'zerolab':>9} {'other':>9}      speed-up (range)    required")
    line(f"run of n_h = {WIDE} with ranks, PyTorch in memory", lambda: zerolab_run("ZerO", WIDE)[0],
         lambda: pytorch("memory", "ZerO", WIDE)[0], 2.5)
    line(f"run of n_h = {WIDE} without ranks, JAX", lambda: zerolab_run("Partial_Identity", WIDE, "--no-measure")[0],
         lambda: jax(WIDE), 1.2)
    line(f"run of n_h = {WIDE} with ranks, the notebook's pipeline",
         lambda: zerolab_run("ZerO", WIDE)[0], lambda: pytorch("notebook", "ZerO", WIDE)[0], 4)
    for name, options in (("momentum", ("--momentum", 0.9, "--lr", 0.01)), ("adamw", ("--optimizer", "adamw"))):
        ours = functools.partial(zerolab_run, "Partial_Identity", WIDE, "--no-measure", *options)
        peer = functools.partial(pytorch, "memory", "Partial_Identity", WIDE, "--no-ranks", "--optimizer", name)
        line(f"run of n_h = {WIDE} with {name}, PyTorch in memory, the faster of its implementations",
             lambda: ours()[0], lambda: min(peer()[0], peer("--fused")[0]), 2.2)
        line(f"run of n_h = {WIDE} with {name}, JAX", lambda: ours()[0], lambda: jax(WIDE, name), 1.2)
    if not SHORT:
        right = ("Random", "Partial_Identity", "ZerO")
        line("figure_3_right whole, the sum of 3 runs in PyTorch in memory",
             lambda: zerolab_experiments("figure_3_right"),
             lambda: sum(pytorch("memory", init, 1024)[0] for init in right), 2.5)
        left = tuple(("Partial_Identity", width) for width in (256, 512, 1024, 2048))
        line("figure_3_left and _right whole, the notebook's pipeline",
             lambda: zerolab_experiments("figure_3_left", "figure_3_right"),
             lambda: sum(pytorch("notebook", *run)[0]
                         for run in (*left, *((init, 1024) for init in right))), 4.5)
    residual_lines()
    rank_lines()
    line(f"peak memory of the process, n_h = {2 * WIDE}, PyTorch in memory",
         lambda: zerolab_run("ZerO", 2 * WIDE)[1], lambda: pytorch("memory", "ZerO", 2 * WIDE)[1], 3, "MiB")
    line("start of 'zerolab list', compared with 50 ms", lambda: output(ZEROLAB, "list")[1], lambda: 0.05, 1)
    conclude()


if __name__ == "__main__":
    main()
