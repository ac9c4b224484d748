#!/usr/bin/env python3
"""Ceilings beside what training in double precision reaches, one table in Markdown.

    make ceilings                       (every initializer, five kinds of network; twenty minutes)
    ceilings.py ZEROLAB [--short]       (two initializers, one network, few updates)

Every cell is "reached of ceiling": the singular values of l3.weight - W0 above 1e-9 of the largest after the updates,
and the most that the symmetry of the initial weights allows. The exit code is 1 if a ceiling is exceeded, or if the
ceilings of two identity-like initializers are not what can be counted by hand.
"""
import json
import subprocess
import sys

ZEROLAB = sys.argv[1]
IS_SHORT = "--short" in sys.argv
UPDATES = 20 if IS_SHORT else 200
# Width, depth, and further options, each a column.
NETWORKS = {
    "256": (256, 1, []),
    "512": (512, 1, []),
    "512, no bias": (512, 1, ["--no-bias"]),
    "512, depth 3": (512, 3, []),
    "1024": (1024, 1, []),
    "2048": (2048, 1, []),
}
# Partial identity without bias: of the first 512 pixels 44 are 0 in every training image, and their units are never
# anything else. ZerO: copies i and i + 1024 of one another, but for the ten that the last layer tells apart.
BY_HAND = {("Partial_Identity", "512, no bias"): 512 - 44, ("ZerO", "2048"): 1024 + 10}


def initializers():
    text = subprocess.run([ZEROLAB, "list"], check=True, capture_output=True, text=True).stdout
    return [line.split()[0] for line in text.split("\n\n")[0].splitlines()[1:]]


def trial(name, width, depth, options):
    command = [ZEROLAB, "ceiling", "--init", name, "--width", str(width), "--depth", str(depth), "--model-seed", "0",
               "--data", "mnist", "--verify", str(UPDATES), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)["trial"]["layers"]


def main():
    networks = dict(list(NETWORKS.items())[:1]) if IS_SHORT else NETWORKS
    names = ["Partial_Identity", "ZerO"] if IS_SHORT else initializers()
    print("| initializer | n_h = " + " | ".join(networks) + " |")
    print("|---|" + "---:|" * len(networks))
    is_wrong = False
    for name in names:
        cells = []
        for title, (width, depth, options) in networks.items():
            layers = trial(name, width, depth, options)
            exceeded = [layer for layer in layers if max(layer["rank"], layer["rank_above_notebook_tolerance"])
                        > layer["ceiling"]]
            is_wrong |= bool(exceeded)
            expected = BY_HAND.get((name, title))
            is_wrong |= expected is not None and layers[0]["ceiling"] != expected
            cells.append(", ".join(f"{layer['rank']} of {layer['ceiling']}" for layer in layers)
                         + (" EXCEEDED" if exceeded else ""))
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    sys.exit(1 if is_wrong else 0)


main()
