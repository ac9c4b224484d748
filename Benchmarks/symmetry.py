#!/usr/bin/env python3
"""Measures the speed-up of symmetry reduction over dense training, PyTorch and JAX, and the time per epoch by width.

    make bench-symmetry    (installs the other programs and calls this script)
    symmetry.py ZEROLAB [--short]

The script first prints lines like peers.py. It then measures the time of one epoch by width, dense up to 4096 and reduced
up to 65 536: the median of three alternating runs, printed and drawn as .build/symmetry.svg. From n_h = 2048 on, the number
of classes is constant. The exit code is 1 if a line fails, or if the widest reduced run takes more than twice the time of
n_h = 2048.
"""
import pathlib
import statistics
import sys
import tempfile

import matplotlib.figure

from sides import (SHORT, REPETITIONS, ZEROLAB, conclude, jax, line, output, pytorch, pytorch_resnet, zerolab_resnet,
                   zerolab_run)

WIDTHS = (128, 256) if SHORT else (256, 512, 1024, 2048)
WIDEST = WIDTHS[-1]
FIGURE = f"""
name: figure
data: mnist
runs:
  - {{init: Partial_Identity, width: {list(WIDTHS)}, symmetry: MODE}}
measure: {{every: 50, quantities: [rank, rank_from_start]}}
"""


def run(init, width, mode, *options):
    return zerolab_run(init, width, "--symmetry", mode, *options)[0]


def figure(mode):
    """The time of figure_3_left as a whole program."""
    with tempfile.TemporaryDirectory() as folder:
        experiment = pathlib.Path(folder) / "figure.yaml"
        experiment.write_text(FIGURE.replace("MODE", mode))
        return output(ZEROLAB, "run", experiment, "--out", folder, "--quiet")[1]


def residual_lines():
    """Updates of a residual network that trains its distinct channels alone."""
    model, size, required = ("resnet20", (128, 2), 1.5) if SHORT else ("resnet18", (64, 8), 8)

    def ours(*options):
        return zerolab_resnet(model, *size, *options)[0]

    what = f"{size[1]} updates of {model}, batches of {size[0]}"
    line(f"{what}, dense", lambda: ours("--symmetry", "reduced"), ours, required)
    for layout in ("default", "channels_last"):
        line(f"{what}, PyTorch's {layout} layout", lambda: ours("--symmetry", "reduced"),
             lambda layout=layout: pytorch_resnet(model, *size, layout)[0], required)


# One curve each: initializer, training mode, largest width.
CURVES = (("Partial_Identity", "reduced", 65536), ("ZerO", "reduced", 65536), ("Partial_Identity", "dense", 4096))


def curve():
    """Measures and draws the time by width; returns whether the time of reduced runs stops growing."""
    widths = (128, 2048, 4096) if SHORT else tuple(2**power for power in range(8, 17))
    curves = CURVES[:2] if SHORT else CURVES
    print("\nseconds per epoch with ranks")
    print(f"{'n_h':>8}" + "".join(f"{f'{init}, {mode}':>26}" for init, mode, _ in curves))
    seconds = {curve: {} for curve in curves}
    for width in widths:
        present = [curve for curve in curves if width <= curve[2]]
        repetitions = [[run(init, width, mode) for init, mode, _ in present] for _ in range(REPETITIONS)]
        for curve, times in zip(present, zip(*repetitions)):
            seconds[curve][width] = statistics.median(times)
        print(f"{width:8}" + "".join(f"{seconds[curve][width]:26.2f}" for curve in present), flush=True)
    draw(seconds, ".build/symmetry.svg")
    return all(points[widths[-1]] <= 2 * points[2048] for (_, mode, _), points in seconds.items() if mode == "reduced")


def draw(seconds, path):
    """Draws one curve of time by width per setting, on logarithmic axes."""
    matplotlib.rcParams["svg.hashsalt"] = "symmetry"
    figure = matplotlib.figure.Figure(figsize=(5.2, 3.4))
    axes = figure.subplots()
    for ((init, mode, _), points), marker in zip(seconds.items(), "o^s"):
        axes.loglog(points.keys(), points.values(), marker=marker, label=f"{init}, {mode}")
    ticks = [2**power for power in range(8, 17, 2)]
    axes.set_xticks(ticks, ticks)
    axes.set_yticks([1, 3, 10, 30, 100], [1, 3, 10, 30, 100])
    axes.minorticks_off()
    axes.grid(axis="y", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel="Hidden width n_h", ylabel="Seconds per epoch")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1))
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


def main():
    print(f"{'task, other program':66} {'reduced':>9} {'other':>9}      speed-up (range)    required")
    for init, asked in (("Partial_Identity", 2.5), ("ZerO", 2)):
        line(f"run of n_h = {WIDEST} with ranks, {init}, dense", lambda: run(init, WIDEST, "reduced"),
             lambda: run(init, WIDEST, "dense"), asked)
    line("figure_3_left whole, dense", lambda: figure("reduced"), lambda: figure("dense"), 1)
    line("figure_3_left whole, the sum of its runs in PyTorch in memory", lambda: figure("reduced"),
         lambda: sum(pytorch("memory", "Partial_Identity", width)[0] for width in WIDTHS), 1)
    line("its runs without ranks, JAX",
         lambda: sum(run("Partial_Identity", width, "reduced", "--no-measure") for width in WIDTHS),
         lambda: sum(jax(width) for width in WIDTHS), 1)
    residual_lines()
    if not curve():
        sys.exit("the widest reduced run takes more than twice the time of n_h = 2048")
    conclude()


main()
