#!/usr/bin/env python3
"""Runs with exact ties beside dense ones, PyTorch and JAX, and what a width costs them.

    make bench-ties        (installs the peers and calls this)
    ties.py ZEROLAB [--short]

First lines as those of peers.py. Then seconds of one epoch of partial identity by width, dense as far as 4096 and exact
as far as 65 536, three times each in turn, the median, printed and drawn as .build/ties.svg. The exit code is 1 if a line is
out, or if the widest exact run takes more than twice as long as the one at n_h = 1024.
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


def curve():
    """Seconds by width; whether exact runs stop growing."""
    widths = (128, 1024, 4096) if SHORT else tuple(2**power for power in range(8, 17))
    print(f"\n{'n_h':>8} {'exact':>9} {'dense':>9}  seconds of an epoch of Partial_Identity with ranks")
    seconds = {"exact": {}, "dense": {}}
    for width in widths:
        sides = [(run("Partial_Identity", width, "exact"),
                  run("Partial_Identity", width, "dense") if width <= (1024 if SHORT else 4096) else float("nan"))
                 for _ in range(REPETITIONS)]
        exact, dense = (statistics.median(side) for side in zip(*sides))
        seconds["exact"][width] = exact
        if dense == dense:
            seconds["dense"][width] = dense
        print(f"{width:8} {exact:9.2f} {dense:9.2f}" if dense == dense else f"{width:8} {exact:9.2f}", flush=True)
    draw(seconds, ".build/ties.svg")
    return seconds["exact"][widths[-1]] <= 2 * seconds["exact"][1024]


def draw(seconds, path):
    """Seconds by width and by ties, both axes logarithmic."""
    matplotlib.rcParams["svg.hashsalt"] = "ties"
    figure = matplotlib.figure.Figure(figsize=(5.2, 3.4))
    axes = figure.subplots()
    for (ties, points), marker in zip(seconds.items(), "os"):
        axes.loglog(points.keys(), points.values(), marker=marker, label=f"ties: {ties}")
    ticks = [2**power for power in range(8, 17, 2)]
    axes.set_xticks(ticks, ticks)
    axes.set_yticks([1, 3, 10, 30], [1, 3, 10, 30])
    axes.minorticks_off()
    axes.grid(axis="y", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel="n_h", ylabel="Seconds of an epoch")
    axes.legend(frameon=False)
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
        sys.exit("the widest exact run takes more than twice as long as the one at n_h = 1024")
    conclude()


main()
