#!/usr/bin/env python3
"""Compares rank ceilings with the ranks reached by training in double precision; prints a Markdown table.

    make ceilings                       (every initializer, ten networks; half an hour)
    ceilings.py ZEROLAB [--short]       (two initializers, two networks, few updates)

A cell contains "rank of ceiling": the number of singular values of W - W0 above 1e-9 times the largest after the
updates, and the largest rank that the symmetry of the initial weights allows; of residual networks the sums over all
kernels. The exit code is 1 if a rank exceeds its ceiling, or if one of two ceilings differs from its known value.
"""
import json
import subprocess
import sys

ZEROLAB = sys.argv[1]
IS_SHORT = "--short" in sys.argv
UPDATES = 20 if IS_SHORT else 200
BLOCKS = ["--model", "resnet", "--blocks", "1", "--blocks", "1", "--widths", "16", "--widths", "32", "--lr", "0.01"]
# One column each: options of the network and of its training.
NETWORKS = {
    "n_h = 256": ["--width", "256"],
    "residual network, batch norm": [*BLOCKS, "--momentum", "0.9"],
    "residual network, layer norm": [*BLOCKS, "--norm", "layer"],
    "residual network, no norm": [*BLOCKS, "--norm", "none"],
    "residual network, group norm": [*BLOCKS, "--norm", "group"],
    "n_h = 512": ["--width", "512"],
    "n_h = 512, no bias": ["--width", "512", "--no-bias"],
    "n_h = 512, depth 3": ["--width", "512", "--depth", "3"],
    "n_h = 1024": ["--width", "1024"],
    "n_h = 2048": ["--width", "2048"],
}
# Partial identity without bias: 44 of the first 512 pixels are 0 in every training image, so their units stay 0. ZerO:
# units i and i + 1024 are identical, except for ten pairs that the last layer distinguishes.
BY_HAND = {("Partial_Identity", "n_h = 512, no bias"): 512 - 44, ("ZerO", "n_h = 2048"): 1024 + 10}


def initializers():
    text = subprocess.run([ZEROLAB, "list"], check=True, capture_output=True, text=True).stdout
    names = [line.split()[0] for line in text.split("\n\n")[0].splitlines()[1:]]
    return [name for name in names if "+" not in name]


def trial(name, options):
    command = [ZEROLAB, "ceiling", "--init", name, "--model-seed", "0", "--data", "mnist", "--verify", str(UPDATES), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    # Both need two inputs, and the first convolution has one channel.
    if name in ("Spray", "IDInit_Branch_End") and "--model" in options and "is undefined for a weight of 16x1" in done.stderr:
        return []
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)["trial"]["layers"]


def main():
    networks = dict(list(NETWORKS.items())[:2]) if IS_SHORT else NETWORKS
    names = ["Partial_Identity", "ZerO"] if IS_SHORT else initializers()
    print("| initializer | " + " | ".join(networks) + " |")
    print("|---|" + "---:|" * len(networks))
    is_wrong = False
    for name in names:
        cells = []
        for title, options in networks.items():
            layers = trial(name, options)
            exceeded = [layer for layer in layers if max(layer["rank"], layer["rank_above_notebook_tolerance"])
                        > layer["ceiling"]]
            is_wrong |= bool(exceeded)
            expected = BY_HAND.get((name, title))
            is_wrong |= expected is not None and layers[0]["ceiling"] != expected
            if "--model" in options:
                cell = " of ".join(str(sum(layer[key] for layer in layers)) for key in ("rank", "ceiling"))
            else:
                cell = ", ".join(f"{layer['rank']} of {layer['ceiling']}" for layer in layers)
            cells.append((cell if layers else "undefined") + "".join(f", {layer['tensor']} EXCEEDED" for layer in exceeded))
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    sys.exit(1 if is_wrong else 0)


main()
