#!/usr/bin/env python3
"""The table of rounding_noise from its records: rounding_noise.py FOLDER

FOLDER is what `zerolab run rounding_noise` wrote. For each network: the last rank of l3.weight - I, dense and exact, and
how far apart the two curves are at most; the distance of copies in the dense run after 1, 901 and the last measured update; and
of the dense run's last spectrum the largest singular value beyond the ceiling, and how many are above 1e-4.
"""
import json
import pathlib
import sys


def rows(folder, kind):
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["kind"] == kind:
            yield row


def series(folder, quantity):
    return {row["iteration"] + 1: row[quantity]["l3.weight"] for row in rows(folder, "train")}


def main():
    runs = pathlib.Path(sys.argv[1]) / "runs"
    print("| initialiser | n_h | ceiling | rank, dense | rank, exact | apart at most | copies apart after 1 update "
          "| 901 | the last | largest value beyond the ceiling | above 1e-4 |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for dense in sorted(runs.iterdir(), key=lambda path: (path.name.split("-")[0], int(path.name.split("-w")[1].split("-")[0]))):
        if dense.name.endswith("-exact"):
            continue
        exact = runs / f"{dense.name}-exact"
        plan = json.loads((dense / "plan.json").read_text())
        ceiling = next(rows(dense, "ceiling"))["tensors"]["l3.weight"]
        mine, theirs = series(dense, "rank"), series(exact, "rank")
        apart = max(abs(mine[update] - theirs[update]) for update in mine)
        distance = series(dense, "copy_distance")
        last = max(mine)
        spectrum = list(rows(dense, "snapshot"))[-1]["spectra"]["identity"]["singular_values"]
        beyond = spectrum[ceiling:]
        distances = " | ".join(f"{distance[update]:.1e}" if distance[update] else "0" for update in (1, 901, last))
        print(f"| {plan['init']} | {plan['width']} | {ceiling} | {mine[last]:.0f} | {theirs[last]:.0f} | {apart:.0f} "
              f"| {distances} | {beyond[0] if beyond else 0:.1e} | {sum(value > 1e-4 for value in beyond)} |")


main()
