#!/usr/bin/env python3
"""Prints the table of rounding_noise as Markdown: rounding_noise.py FOLDER

FOLDER is the output of `zerolab run rounding_noise`. The columns are, for each network: the last rank of l3.weight - I (absolute
tolerance 1e-4) of the dense run and of the run with symmetry reduction, and the largest difference of the two curves; the
distance of identical units in the dense run after 1, 901 and the last measured update; and, in the last spectrum of the dense
run, the largest singular value beyond the ceiling and the number of those above 1e-4.
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


def network(plan):
    """The settings of a run without its mode, and whether the mode is symmetry reduction; `ties` is the key of older records."""
    settings = {key: value for key, value in plan.items() if key not in ("symmetry", "ties")}
    return settings, plan.get("symmetry", plan.get("ties")) in ("reduced", "exact")


def main():
    runs = pathlib.Path(sys.argv[1]) / "runs"
    print("| initialization | n_h | bias | ceiling | rank(W₃ − I), dense | reduced | largest difference "
          "| distance of identical units after 1 update | after 901 | at the end | largest singular value beyond the ceiling "
          "| number above 10⁻⁴ |")
    print("|---" + "|---:" * 11 + "|")
    plans = {path: json.loads((path / "plan.json").read_text()) for path in runs.iterdir()}
    order = sorted(plans, key=lambda path: (plans[path]["init"], "bias" in plans[path], plans[path]["width"]))
    for dense in order:
        plan = plans[dense]
        settings, is_reduced = network(plan)
        if is_reduced:
            continue
        reduced = next(path for path in order if network(plans[path]) == (settings, True))
        ceiling = next(rows(dense, "ceiling"))["tensors"]["l3.weight"]
        mine, theirs = series(dense, "rank"), series(reduced, "rank")
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
