#!/usr/bin/env python3
"""Measures the growth of rounding differences during training; prints the tables of Documentation/Guides/Rounding.md.

    make rounding      (makes the Python environment and calls this script)

Three programs train the same network on the same batches from the same weights for one epoch: PyTorch on one thread,
PyTorch on two, and zerolab. In exact arithmetic they would agree. So would PyTorch runs with permuted pixels and hidden
units, which change only the order of summation; their spread limits how precisely the end of a run is determined.
"""
import pathlib
import subprocess
import sys
import tempfile
import json

import numpy
import torch

import peer

MNIST = pathlib.Path(__file__).parents[3] / "Sources/Learning/Datasets/MNIST"
WINDOWS = [(1, 10), (11, 100), (101, 300), (301, 938)]


def pytorch(init, width, threads):
    torch.set_num_threads(threads)
    events = list(peer.train(peer.MLP(init, width, 0.01, 3), MNIST))
    return [event[1] for event in events[:-1]], events[-1][1:3]


class Reordered(torch.nn.Module):
    """The same network with permuted pixels and hidden units."""

    def __init__(self, model, generator):
        super().__init__()
        layers = model.layers()
        orders = [torch.randperm(layer.weight.shape[1], generator=generator) for layer in layers]
        for layer, columns, rows in zip(layers, orders, orders[1:] + [torch.arange(10)]):
            layer.weight.data = layer.weight.data[rows][:, columns].contiguous()
        self.model, self.order = model, orders[0]

    def forward(self, x):
        return self.model(x[:, self.order])


def spread(init, width, batch_size, count=12):
    """Test losses and correct images of runs that differ only in rounding."""
    torch.set_num_threads(1)
    ends = []
    for seed in range(count):
        model = Reordered(peer.MLP(init, width, 0.01, 3), torch.Generator().manual_seed(seed))
        *_, (_, loss, correct, _) = peer.train(model, MNIST, batch_size=batch_size)
        ends.append((loss, correct))
    losses, correct = map(numpy.array, zip(*ends))
    print(f"| {init}, n_h = {width}, batches of {batch_size} | {losses.mean():.4f} | "
          f"{100 * losses.std(ddof=1) / losses.mean():.1f} % | {losses.min():.4f} to {losses.max():.4f} | "
          f"{correct.std(ddof=1):.1f} | {correct.min()} to {correct.max()} |", flush=True)


def zerolab(init, width):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.argv[1], "train", "--init", init, "--width", str(width), "--model-seed", "3",
             "--log-interval", "1", "--no-measure", "--out", folder, "--name", "run"],
            check=True, stdout=subprocess.DEVNULL)
        text = (pathlib.Path(folder) / "run/metrics.jsonl").read_text()
    rows = [json.loads(line) for line in text.splitlines()]
    return [row["loss"] for row in rows[:-1]], (rows[-1]["loss"], rows[-1]["correct"])


for init, width in (("Partial_Identity", 256), ("ZerO", 1024), ("Random", 1024)):
    runs = {"PyTorch, 1 thread": pytorch(init, width, 1), "PyTorch, 2 threads": pytorch(init, width, 2),
            "zerolab": zerolab(init, width)}
    print(f"\n{init}, n_h = {width}. Relative difference of the batch losses, median (largest):\n")
    print("| between | " + " | ".join(f"updates {a}–{b}" for a, b in WINDOWS)
          + " | test loss | test images |")
    print("|---" * (len(WINDOWS) + 3) + "|")
    for one, other in (("PyTorch, 1 thread", "PyTorch, 2 threads"), ("zerolab", "PyTorch, 1 thread"),
                       ("zerolab", "PyTorch, 2 threads")):
        (a, (loss_a, correct_a)), (b, (loss_b, correct_b)) = runs[one], runs[other]
        errors = numpy.abs(numpy.array(a) - b) / numpy.array(b)
        cells = [f"{numpy.median(errors[i - 1:j]):.0e} ({errors[i - 1:j].max():.0e})" for i, j in WINDOWS]
        print(f"| {one} and {other} | " + " | ".join(cells)
              + f" | {abs(loss_a - loss_b) / loss_b:.1e} | {correct_a - correct_b:+d} |", flush=True)

print("\nTwelve runs of PyTorch on one thread, each with another permutation of pixels and hidden units:\n")
print("| network | mean test loss | standard deviation | range | standard deviation of correct images | range |")
print("|---|---:|---:|---:|---:|---:|")
spread("Partial_Identity", 64, 37)
spread("Random", 256, 64)
