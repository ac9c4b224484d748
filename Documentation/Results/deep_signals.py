#!/usr/bin/env python3
"""Makes the images of deep_signals: the first 6400 training and 1000 test images of MNIST at 14 x 14, each pixel the mean of
2 x 2 pixels, rounded down.

    deep_signals.py FOLDER

The smaller input lets a network of 256 units expand it, as the Hadamard layer of ZerO needs, at a sixteenth of the cost of
1024 units.
"""
import gzip
import pathlib
import struct
import sys

MNIST = pathlib.Path(__file__).parents[2] / "Sources/Learning/Datasets/MNIST"


def contents(name):
    plain = MNIST / name
    return plain.read_bytes() if plain.exists() else gzip.decompress((MNIST / f"{name}.gz").read_bytes())


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, count in (("train", 6400), ("t10k", 1000)):
        images = contents(f"{prefix}-images-idx3-ubyte")
        pixels = memoryview(images)[16:]
        small = bytearray(count * 196)
        for image in range(count):
            for y in range(14):
                row = image * 784 + 56 * y
                upper, lower = pixels[row:row + 28], pixels[row + 28:row + 56]
                small[image * 196 + 14 * y:image * 196 + 14 * y + 14] = bytes(
                    (upper[x] + upper[x + 1] + lower[x] + lower[x + 1]) // 4 for x in range(0, 28, 2))
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(struct.pack(">iiii", 2051, count, 14, 14) + small)
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(
            struct.pack(">ii", 2049, count) + contents(f"{prefix}-labels-idx1-ubyte")[8:8 + count])


main()
