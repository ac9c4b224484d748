#!/usr/bin/env python3
"""Prints the comparison of symmetry reduction with dense training: symmetry-table.py FOLDER

FOLDER contains the attachments of the symmetry tests, CSV files with one row per network. The first table has a row per
initializer of the multilayer perceptron, with the total numbers of units and classes, and the largest differences after 100
updates in double precision. The second one has a row per model and optimizer, with the largest differences over all
initializers after 3 updates of a convolutional network, 10 of another one by gradient descent, and 5 by adaptive rules.
"""
import collections
import csv
import pathlib
import sys

QUANTITIES = ["losses", "weights", "singular values"]


def rows(pattern):
    return [row for path in sorted(pathlib.Path(sys.argv[1]).glob(pattern)) for row in csv.DictReader(path.open())]


def table(headings, found, keys):
    groups = collections.defaultdict(list)
    for row in found:
        groups[tuple(row[key] for key in keys)].append(row)
    print("| " + " | ".join([*headings, "networks", "units", "classes", *QUANTITIES]) + " |")
    print("|---" * len(headings) + "|---:" * (3 + len(QUANTITIES)) + "|")
    for names, group in groups.items():
        counts = [len(group)] + [sum(int(row[key]) for row in group) for key in ("units", "classes")]
        largest = [max(float(row[key]) for row in group) for key in QUANTITIES]
        print("| " + " | ".join([*names, *map(str, counts), *(f"{value:.1e}" for value in largest)]) + " |")


def main():
    table(["initializer"], rows("symmetry-*.csv"), ["initializer"])
    print()
    models = rows("models-*.csv")
    table(["model", "optimizer"], sorted(models, key=lambda row: (row["model"], row["optimizer"])), ["model", "optimizer"])


main()
