"""The table of a comparison with PyTorch, and runs of zerolab for it.

The scripts that use it have the program as their first argument.
"""
import json
import pathlib
import struct
import subprocess
import sys

import numpy
import torch

import peer

MNIST = pathlib.Path(__file__).parents[3] / "Sources/Learning/Datasets/MNIST"

# Allowed differences, relative.
FIRST_STEPS = 1e-5  # sums in another order, of norms
NORMAL_WEIGHTS = 1e-6  # last digits of logarithm, sine and cosine

lines, failures = 0, 0


def heading():
    print(f"PyTorch {torch.__version__}, NumPy {numpy.__version__}, {torch.get_num_threads()} threads")
    print(f"{'quantity':70} {'peer':>11} {'zerolab':>11} {'differs':>9} {'allowed':>9} verdict")


def line(what, torch_value, our_value, difference, allowed, control=False):
    """Prints one line and returns whether it passes. A negative control passes if its difference is larger than allowed."""
    global lines, failures
    passed = difference > allowed if control else difference <= allowed  # a NaN fails
    lines += 1
    failures += not passed
    print(f"{what:70} {torch_value:>11} {our_value:>11} {difference:>9.1e} {allowed:>9.1e} "
          f"{'differs ' * control}{'ok' if passed else 'OUT'}", flush=True)
    return passed


def finish():
    """Prints the number of failures and ends the program."""
    print(f"{failures} of {lines} lines failed" if failures else f"all {lines} lines are ok")
    sys.exit(failures > 0)


def distance(ours, theirs):
    """The norm of the difference, relative to the norm of the peer's."""
    return ((ours.double() - theirs.double()).norm() / max(theirs.double().norm(), 1e-300)).item()


def zerolab(folder, *options):
    """Trains one run; returns its rows and its folder."""
    subprocess.run([sys.argv[1], "train", "--out", folder, "--name", "run", *map(str, options)],
                   check=True, stdout=subprocess.DEVNULL)
    run = pathlib.Path(folder) / "run"
    return [json.loads(text) for text in (run / "metrics.jsonl").read_text().splitlines()], run


def subset(folder, train, test):
    """Writes the first images of MNIST as a separate data set."""
    for prefix, count in (("train", train), ("t10k", test)):
        data = peer.read(MNIST, prefix)
        pixels = (data.tensors[0][:count] * 255).round().byte().numpy()
        labels = data.tensors[1][:count].byte().numpy()
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(
            struct.pack(">4I", 2051, count, 28, 28) + pixels.tobytes())
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(
            struct.pack(">2I", 2049, count) + labels.tobytes())
