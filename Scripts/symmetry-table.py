#!/usr/bin/env python3
"""Prints the comparison of symmetry reduction with dense training: symmetry-table.py FOLDER

FOLDER contains the attachments of NetworkQuotientTests: one CSV file per initializer, with one row per network. The table
contains the total numbers of units and classes, and the largest differences after 100 updates in double precision.
"""
import csv
import pathlib
import sys

QUANTITIES = ["losses", "weights", "singular values"]


def main():
    print("| initializer | networks | hidden units | classes | " + " | ".join(QUANTITIES) + " |")
    print("|---|" + "---:|" * (3 + len(QUANTITIES)))
    for path in sorted(pathlib.Path(sys.argv[1]).glob("symmetry-*.csv")):
        rows = list(csv.DictReader(path.open()))
        counts = [len(rows)] + [sum(int(row[key]) for row in rows) for key in ("units", "classes")]
        largest = [max(float(row[key]) for row in rows) for key in QUANTITIES]
        print(f"| {rows[0]['initializer']} | " + " | ".join(map(str, counts)) + " | "
              + " | ".join(f"{value:.1e}" for value in largest) + " |")


main()
