#!/usr/bin/env python3
"""Runs with exact ties beside dense ones, PyTorch and JAX, and what a width costs them.

    make bench-ties        (installs the peers and calls this)
    ties.py ZEROLAB [--short]

First lines as those of peers.py. Then seconds of one epoch of partial identity by width, dense as far as 4096 and exact
as far as 65 536, three times each in turn, the median. The exit code is 1 if a line is out, or if the widest exact run takes
more than twice as long as the one at n_h = 1024.
"""
import pathlib
import statistics
import sys
import tempfile

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
    widths = (128, 1024) if SHORT else tuple(2**power for power in range(8, 17))
    print(f"\n{'n_h':>8} {'exact':>9} {'dense':>9}  seconds of an epoch of Partial_Identity with ranks")
    seconds = {}
    for width in widths:
        sides = [(run("Partial_Identity", width, "exact"),
                  run("Partial_Identity", width, "dense") if width <= 4096 else float("nan"))
                 for _ in range(REPETITIONS)]
        exact, dense = (statistics.median(side) for side in zip(*sides))
        seconds[width] = exact
        print(f"{width:8} {exact:9.2f} {dense:9.2f}" if dense == dense else f"{width:8} {exact:9.2f}", flush=True)
    return seconds[widths[-1]] <= 2 * seconds[1024]


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
