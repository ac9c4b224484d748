#!/usr/bin/env python3
"""The number of different channels per stage of a residual network: by labels, input channels, width, depth and initializer.

    resnet_classes.py ZEROLAB        (needs matplotlib)

Prints the tables of the page of results, and draws resnet_classes.svg beside this file. A stage's number is that of the classes of
its residual stream, the output of its last block, before any training.
"""
import json
import pathlib
import subprocess
import sys

import matplotlib.figure

LABELS = [2, 5, 10, 20, 47, 100, 1000]
INITIALIZERS = ["ZerO", "Partial_Identity", "IDInit", "Sinusoidal", "DCT", "ConstAvg", "Orthogonal"]


def stages(initializer="ZerO", model="resnet18", labels=10, channels=1, width=64, norm="batch", rules=()):
    """The classes of each stage's stream, and its width."""
    command = [sys.argv[1], "ceiling", "--init", initializer, "--model", model, "--classes", labels, "--channels", channels,
               "--width", width, "--norm", norm, "--model-seed", 1, "--json", *(f"--init-rule={rule}" for rule in rules)]
    text = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for layer in json.loads(text)["layers"]:
        if layer["layer"].endswith(("conv2", "conv3")):  # the last one of the last block counts
            found[layer["layer"].split(".")[0]] = (sum(group["count"] for group in layer["classes"]), layer["shape"][0])
    return list(found.values())


def row(name, found):
    print(f"| {name} | " + " | ".join(f"{classes} of {width}" for classes, width in found) + " |", flush=True)


def heading(name, count=4):
    print(f"\n| {name} | " + " | ".join(f"stage {stage + 1}" for stage in range(count)) + " |")
    print("|---" + "|---:" * count + "|")


def draw(curves):
    matplotlib.rcParams["svg.hashsalt"] = "resnet_classes"
    figure = matplotlib.figure.Figure(figsize=(5.2, 3.6))
    axes = figure.subplots()
    for stage, (values, width) in enumerate(curves):
        axes.loglog(LABELS, values, marker="os^D"[stage], label=f"stage {stage + 1}, {width} channels")
    axes.set_xticks(LABELS, LABELS)
    axes.set_yticks([2**power for power in range(1, 10)], [2**power for power in range(1, 10)])
    axes.minorticks_off()
    axes.grid(axis="y", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel="Labels", ylabel="Different channels")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1))
    figure.savefig(pathlib.Path(__file__).with_suffix(".svg"), bbox_inches="tight", metadata={"Date": None})


def main():
    heading("ZerO, labels")
    gray = {labels: stages(labels=labels) for labels in LABELS}
    for labels, found in gray.items():
        row(labels, found)
    draw([([found[stage][0] for found in gray.values()], gray[2][stage][1]) for stage in range(4)])
    heading("ZerO, labels, 3 input channels")
    for labels in LABELS:
        row(labels, stages(labels=labels, channels=3))
    heading("ZerO, 10 labels")
    for model, width in (("resnet18", 32), ("resnet18", 64), ("resnet18", 128), ("resnet34", 64)):
        row(f"{model}, width {width}", stages(model=model, width=width))
    row("resnet18, norm group", stages(norm="group"))
    heading("ZerO, resnet50, labels")
    for labels in LABELS:
        row(labels, stages(model="resnet50", labels=labels))
    heading("10 labels")
    for initializer in INITIALIZERS:
        row(initializer, stages(initializer))
    row("IDInit, branches end in IDInit_Branch_End", stages("IDInit", rules=["*.conv2.weight=IDInit_Branch_End"]))
    row("ZerO, last stage's first convolution Random", stages(rules=["layer4.0.conv1.weight=Random"]))
    row("ZerO, first convolution Random", stages(rules=["conv1.weight=Random"]))


if __name__ == "__main__":
    main()
