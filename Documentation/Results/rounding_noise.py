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
    print("| initializer | n_h | bias | ceiling | rank, dense | rank, exact | apart at most | copies apart after 1 update "
          "| 901 | the last | largest value beyond the ceiling | above 1e-4 |")
    print("|---" + "|---:" * 11 + "|")
    plans = {path: json.loads((path / "plan.json").read_text()) for path in runs.iterdir()}
    order = sorted(plans, key=lambda path: (plans[path]["init"], "bias" in plans[path], plans[path]["width"]))
    for dense in order:
        plan = plans[dense]
        if plan["ties"] == "exact":
            continue
        exact = next(path for path in order if plans[path] == {**plan, "ties": "exact"})
        ceiling = next(rows(dense, "ceiling"))["tensors"]["l3.weight"]
        mine, theirs = series(dense, "rank"), series(exact, "rank")
        apart = max(abs(mine[update] - theirs[update]) for update in mine)
        distance = series(dense, "copy_distance")
        last = max(mine)
        spectrum = list(rows(dense, "snapshot"))[-1]["spectra"]["identity"]["singular_values"]
        beyond = spectrum[ceiling:]
        distances = " | ".join(f"{distance[update]:.1e}" if distance[update] else "0" for update in (1, 901, last))
        bias = plan.get("bias", "none")
        print(f"| {plan['init']} | {plan['width']} | {bias} | {ceiling} | {mine[last]:.0f} | {theirs[last]:.0f} | {apart:.0f} "
              f"| {distances} | {beyond[0] if beyond else 0:.1e} | {sum(value > 1e-4 for value in beyond)} |")


main()
