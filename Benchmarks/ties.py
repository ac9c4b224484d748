#!/usr/bin/env python3
"""Runs with exact ties beside dense ones, PyTorch and JAX, and what a width costs them.

    make bench-ties        (installs the peers and calls this)
    ties.py ZEROLAB [--short]

First lines as those of peers.py. Then seconds of one epoch by width, dense as far as 4096 and with exact ties as far as
65 536, three times each in turn, the median, printed and drawn as .build/ties.svg. The exit code is 1 if a line is out, or
if a widest exact run takes more than twice as long as the one at n_h = 2048, from where on there are no more classes.
"""
import pathlib
import statistics
import sys
import tempfile

import matplotlib.figure

from sides import SHORT, REPETITIONS, ZEROLAB, conclude, jax, line, output, pytorch, zerolab_run

WIDTHS = (128, 256) if SHORT else (256, 512, 1024, 2048)
WIDEST = WIDTHS[-1]
FIGURE = f"""
name: figure
data: mnist
runs:
  - {{init: Partial_Identity, width: {list(WIDTHS)}, ties: TIES}}
measure: {{every: 50, quantities: [rank, rank_from_start]}}
"""


def run(init, width, ties, *options):
    return zerolab_run(init, width, "--ties", ties, *options)[0]


def figure(ties):
    """The seconds of figure_3_left as a whole program."""
    with tempfile.TemporaryDirectory() as folder:
        experiment = pathlib.Path(folder) / "figure.yaml"
        experiment.write_text(FIGURE.replace("TIES", ties))
        return output(ZEROLAB, "run", experiment, "--out", folder, "--quiet")[1]


# Initializer, ties and the largest width, of a curve each.
CURVES = (("Partial_Identity", "exact", 65536), ("ZerO", "exact", 65536), ("Partial_Identity", "dense", 4096))


def curve():
    """Seconds by width; whether exact runs stop growing."""
    widths = (128, 2048, 4096) if SHORT else tuple(2**power for power in range(8, 17))
    curves = CURVES[:2] if SHORT else CURVES
    print("\nseconds of an epoch with ranks")
    print(f"{'n_h':>8}" + "".join(f"{f'{init}, {ties}':>26}" for init, ties, _ in curves))
    seconds = {curve: {} for curve in curves}
    for width in widths:
        present = [curve for curve in curves if width <= curve[2]]
        repetitions = [[run(init, width, ties) for init, ties, _ in present] for _ in range(REPETITIONS)]
        for curve, times in zip(present, zip(*repetitions)):
            seconds[curve][width] = statistics.median(times)
        print(f"{width:8}" + "".join(f"{seconds[curve][width]:26.2f}" for curve in present), flush=True)
    draw(seconds, ".build/ties.svg")
    return all(points[widths[-1]] <= 2 * points[2048] for (_, ties, _), points in seconds.items() if ties == "exact")


def draw(seconds, path):
    """Seconds by width, a curve each, both axes logarithmic."""
    matplotlib.rcParams["svg.hashsalt"] = "ties"
    figure = matplotlib.figure.Figure(figsize=(5.2, 3.4))
    axes = figure.subplots()
    for ((init, ties, _), points), marker in zip(seconds.items(), "o^s"):
        axes.loglog(points.keys(), points.values(), marker=marker, label=f"{init}, {ties}")
    ticks = [2**power for power in range(8, 17, 2)]
    axes.set_xticks(ticks, ticks)
    axes.set_yticks([1, 3, 10, 30, 100], [1, 3, 10, 30, 100])
    axes.minorticks_off()
    axes.grid(axis="y", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel="n_h", ylabel="Seconds of an epoch")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1))
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


def main():
    print(f"{'exact, and beside it':66} {'exact':>9} {'peer':>9}      times (range)          asked")
    for init, asked in (("Partial_Identity", 2.5), ("ZerO", 2)):
        line(f"run of n_h = {WIDEST} with ranks, {init}, dense", lambda: run(init, WIDEST, "exact"),
             lambda: run(init, WIDEST, "dense"), asked)
    line("figure_3_left whole, dense", lambda: figure("exact"), lambda: figure("dense"), 1)
    line("figure_3_left whole, the sum of its runs in PyTorch in memory", lambda: figure("exact"),
         lambda: sum(pytorch("memory", "Partial_Identity", width)[0] for width in WIDTHS), 1)
    line("its runs without ranks, JAX",
         lambda: sum(run("Partial_Identity", width, "exact", "--no-measure") for width in WIDTHS),
         lambda: sum(jax(width) for width in WIDTHS), 1)
    if not curve():
        sys.exit("a widest exact run takes more than twice as long as the one at n_h = 2048")
    conclude()


main()
