#!/usr/bin/env python3
"""Compares the numbers of different channels that `zerolab ceiling` finds in residual networks with those of another program.

    residual.py ZEROLAB [--short]

The other program is below: it builds the initial kernels of ZerO, and refines the classes of channels until no class splits, with
sorted lists of all edges. It shares nothing with zerolab but the definitions. The table has the classes of each stage by number of
labels and input channels, with batch and with group normalization. The exit code is 1 if two numbers differ.
"""
import collections
import json
import subprocess
import sys

# Blocks and channels of the stages, and how many times as many channels a block ends with.
MODELS = {
    "resnet18": ([2, 2, 2, 2], [64, 128, 256, 512], 1),
    "resnet20": ([3, 3, 3], [16, 32, 64], 1),
    "resnet50": ([3, 4, 6, 3], [64, 128, 256, 512], 4),
}
GROUPS = 8
SHORT = "--short" in sys.argv


def center_taps(outputs, inputs):
    """ZerO's kernel at its center tap: the identity, or a Hadamard matrix where the number of channels grows."""
    if outputs <= inputs:
        return [[int(row == column) for column in range(inputs)] for row in range(outputs)]
    return [[1 - 2 * ((row & column).bit_count() & 1) for column in range(inputs)] for row in range(outputs)]


def network(blocks, widths, expansion, labels, channels):
    """Axes with their sizes, and edges (rows, columns, weights) between them."""
    # The shortcut of the first block has a convolution only where the number of channels changes.
    stream = "stream 0" if expansion == 1 else "first"
    axes, edges = {"input": channels, stream: widths[0]}, []

    def connect(rows, columns, weights=None):
        edges.append((rows, columns, weights or center_taps(axes[rows], axes[columns])))

    connect(stream, "input")
    for stage, (count, width) in enumerate(zip(blocks, widths)):
        for block in range(count):
            below = stream
            for place in range(1 if expansion == 1 else 2):
                inside = f"inside {stage}.{block}.{place}"
                axes[inside] = width
                connect(inside, below)
                below = inside
            if block == 0 and (stage > 0 or expansion > 1):
                axes[f"stream {stage}"] = expansion * width
                connect(f"stream {stage}", stream)
                stream = f"stream {stage}"
            connect(stream, below, [[0] * width for _ in range(expansion * width)])
    axes["label"] = labels
    connect("label", stream)
    return axes, edges


def classes(axes, edges, groups=1):
    """The number of classes of each axis; inputs and labels are classes of their own. Groups of neighbors are normalized together."""
    colors = {axis: list(range(size)) if axis in ("input", "label") else [0] * size for axis, size in axes.items()}

    def seen(counts):
        return tuple(sorted(collections.Counter(counts).items()))

    while True:
        before = {axis: len(set(found)) for axis, found in colors.items()}
        for axis, size in axes.items():
            if axis in ("input", "label"):
                continue
            signatures = [[color] for color in colors[axis]]
            for rows, columns, weights in edges:
                if rows == axis:
                    for unit, row in enumerate(weights):
                        signatures[unit].append(seen(zip(colors[columns], row)))
                if columns == axis:
                    for unit, column in enumerate(zip(*weights)):
                        signatures[unit].append(seen(zip(colors[rows], column)))
            length = size // groups
            members = [tuple(sorted(colors[axis][start:start + length])) for start in range(0, size, length)]
            for unit, signature in enumerate(signatures):
                signature.append(members[unit // length])
            known = {}
            colors[axis] = [known.setdefault(tuple(signature), len(known)) for signature in signatures]
        if before == {axis: len(set(found)) for axis, found in colors.items()}:
            return before


def ceilings(zerolab, model, norm, labels, channels):
    """The number of classes of the stream at the end of each stage."""
    command = [zerolab, "ceiling", "--model", model, "--norm", norm, "--init", "ZerO", "--classes", str(labels), "--channels",
               str(channels), "--json"]
    layers = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["layers"]
    end = ".1.conv2" if MODELS[model][2] == 1 else ".1.conv3"
    return [sum(group["count"] for group in layer["classes"]) for layer in layers if layer["layer"].endswith(end)]


def main():
    differ = 0
    for model in ["resnet20"] if SHORT else MODELS:
        for norm, groups in {"batch": 1, "group": GROUPS}.items():
            for labels in [2, 10] if SHORT or model == "resnet50" else [2, 5, 10, 20, 47, 100, 1000]:
                for channels in [1, 3]:
                    found = ceilings(sys.argv[1], model, norm, labels, channels)
                    counted = classes(*network(*MODELS[model], labels, channels), groups)
                    expected = [counted[f"stream {stage}"] for stage in range(len(found))]
                    differ += found != expected
                    print(f"{model}  norm {norm}  {labels:4} labels  {channels} channels  {'/'.join(map(str, found)):20}  "
                          + ("ok" if found == expected else f"OUT: {expected}"), flush=True)
    # The negative control: without the last layer, labels cannot part channels.
    axes, edges = network(*MODELS["resnet20"], 10, 1)
    blind = classes(axes, edges[:-1])
    control = blind["stream 2"] < 27
    print(f"without the last layer {blind['stream 2']} classes in the last stage, fewer than 27: {'ok' if control else 'OUT'}")
    sys.exit(1 if differ or not control else 0)


main()
