#!/usr/bin/env python3
"""Compares the series of `zerolab rank --over-steps` with NumPy, on models trained in PyTorch.

    make test-pytorch        (builds the program, installs PyTorch and calls this script)
    series.py ZEROLAB [--out FOLDER] [--short]

The script trains a GPT of two layers and a small residual network, each with SGD and AdamW. For every matrix in every
checkpoint it compares rank, tolerance, all quantities, singular values, similarity to the previous checkpoint and overlap
with the start with NumPy in double precision. It then checks the names of checkpoints of other programs, a damaged
checkpoint, a second call, and --watch beside a training that is under way. FOLDER receives the figures and pages. The exit
code is 1 if a check fails. --short trains for 32 updates instead of 256.
"""
import csv
import io
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy
import torch

import models
import train
from oracle import (COSINE_ERROR, QUANTITY_ERROR, SHORT, SINGULAR_VALUE_ERROR, ZEROLAB, as_matrix, check, conclude,
                    cosine, distance, json_lines, overlap, quantities, singular_values, tolerance, zerolab)

UPDATES = 32 if SHORT else 256
OVERLAP = 4
# The file has six significant digits.
SIX_DIGITS = 1e-5
WHOLE_NUMBERS = ("rank", "energy_rank_90", "energy_rank_99")


def matrices(state):
    """The matrices of a model by zerolab's names; stacked queries, keys and values are three matrices."""
    found = {}
    for name, tensor in state.items():
        if tensor.dim() not in (2, 4):
            continue
        matrix = as_matrix(tensor)
        if name.endswith("c_attn.weight"):
            found |= {f"{name}[{part}]": block for part, block in zip("qkv", numpy.split(matrix, 3))}
        else:
            found[name] = matrix
    return found


def states(run, updates):
    """The state dictionary at each step with a checkpoint, from the same training."""
    return {step: {name: value.clone() for name, value in model.state_dict().items()}
            for step, model, _, _ in models.train(*run.split("-"), updates) if train.due(step)}


def expected_rows(found, subtracts_first):
    """NumPy's row of each step and matrix."""
    rows, before, start = {}, {}, None
    for step, state in found.items():
        current = matrices(state)
        start = start or current
        for name, matrix in current.items():
            difference = matrix - start[name] if subtracts_first else matrix
            values = singular_values(difference)
            limit = tolerance(values, matrix.shape, torch.float32)
            rows[step, name] = {
                "tolerance": limit, "rank": int((values > limit).sum()), "singular_values": values, **quantities(values),
                "similarity_to_previous": cosine(matrix, before[name]) if before else None,
                "overlap_with_start": overlap(matrix, start[name], OVERLAP), "matrix": matrix,
                "start_norm": float(numpy.linalg.norm(start[name])) if subtracts_first else None}
        before = current
    return rows


def is_near(found, expected, error):
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= error * max(abs(expected), 1e-300)


def wrong_fields(row, expected):
    """The fields of a row that differ from NumPy's."""
    wrong = []
    values = expected["singular_values"]
    for name, value in expected.items():
        found = row.get(name)
        if name == "matrix":
            is_right = [row["rows"], row["columns"]] == list(value.shape)
        elif name == "singular_values":
            is_right = distance(found, value) <= SINGULAR_VALUE_ERROR + SIX_DIGITS
        elif name in WHOLE_NUMBERS:
            is_right = found == value
            if not is_right and name == "rank":
                # A singular value within zerolab's error of the tolerance may count on one side only.
                is_right = abs(found - value) <= numpy.sum(
                    numpy.abs(values / expected["tolerance"] - 1) <= SINGULAR_VALUE_ERROR)
        elif name in ("similarity_to_previous", "overlap_with_start"):
            is_right = is_near(found, value, COSINE_ERROR)
        else:
            is_right = is_near(found, value, QUANTITY_ERROR)
        if not is_right:
            wrong.append((name, found, value if name != "singular_values" else "…"))
    return wrong


def by_place(rows):
    # A Lightning module has the model as an attribute.
    return {(int(row["step"]), row["matrix"].removeprefix("model.")): row for row in rows}


def check_run(run, folder, out):
    """One run, minus its start and as it is."""
    found = states(run, UPDATES)
    for minus in (["--minus", "first"], []):
        expected = expected_rows(found, bool(minus))
        results = out / (run + ("" if minus else "-plain"))
        shutil.rmtree(results, ignore_errors=True)
        text, _ = zerolab("rank", folder / run, "--over-steps", *minus, "--overlap", OVERLAP, "--out", results, "--json",
                          "--quiet")
        rows = by_place(json_lines(text))
        what = f"{run}{' minus its start' if minus else ''}"
        check(f"{what}: a row per step and matrix", rows.keys() == expected.keys(), rows.keys() ^ expected.keys())
        for place in rows.keys() & expected.keys():
            wrong = wrong_fields(rows[place], expected[place])
            check(f"{what}: {place} agrees with NumPy", not wrong, wrong)
        if rows:
            check_controls(what, rows, expected)
            check_files(what, results, rows)


def check_controls(what, rows, expected):
    """The comparison detects a wrong rank, a singular value that is off by 2e-4, and the row of another step."""
    place = max(place for place in rows if place in expected)
    for key, change in [("rank", lambda value: value + 3), ("stable_rank", lambda value: value * 1.0002),
                        ("singular_values", lambda values: [values[0] * 1.0002, *values[1:]])]:
        wrong = wrong_fields({**rows[place], key: change(rows[place][key])}, expected[place])
        check(f"{what}: a wrong {key} is detected", any(field[0] == key for field in wrong), wrong)
    other = (place[0] // 2, place[1])
    check(f"{what}: the row of another step is detected", wrong_fields(rows[other], expected[place]))


def check_files(what, results, rows):
    """The folder of the results has every file, and the table has every row."""
    names = ["ranks.jsonl", "ranks.csv", "figure.pdf", "figure.svg", "figure.png", "report.html"]
    missing = [name for name in names if not (results / name).is_file() or not (results / name).stat().st_size]
    check(f"{what}: the folder has all files", not missing and list(results.glob("**/*tfevents*")), missing)
    if "ranks.csv" in missing:
        return
    table = list(csv.DictReader(io.StringIO((results / "ranks.csv").read_text())))
    check(f"{what}: ranks.csv has every row", len(table) == len(rows) and {"step", "matrix"} <= table[0].keys(),
          (len(table), len(rows)))
    for place, line in by_place(table).items():
        rank = rows.get(place, {}).get("rank")
        check(f"{what}: ranks.csv has the ranks of the rows", line["rank"] == f"{rank}", line)


def check_names(folder):
    """Every naming scheme gives the same rows as the first."""
    reference = None
    for name, scheme in train.SCHEMES.items():
        place = folder / "names" / name
        place.mkdir(parents=True)
        # The model changes in place during training, so it is trained anew for every scheme.
        for step, model, optimizer, _ in models.train("gpt", "sgd", 4):
            if step in (0, 2, 4):
                scheme(place, 1000 * step, model, optimizer)
        text, _ = zerolab("rank", place, "--over-steps", "--minus", "first", "--out", folder / "names-out" / name, "--json",
                          "--quiet")
        # A storage that two tensors share is one matrix or two, depending on the form.
        rows = {place: (row["rank"], row["stable_rank"], row["similarity_to_previous"] if "similarity_to_previous" in row
                        else None) for place, row in by_place(json_lines(text)).items()}
        rows = {(step, re.sub(r"^(_orig_mod|model)\.", "", matrix)): values for (step, matrix), values in rows.items()}
        reference = reference or rows
        check(f"names of '{name}': steps 0, 2000 and 4000", sorted({step for step, _ in rows}) == [0, 2000, 4000],
              sorted({step for step, _ in rows}))
        check(f"names of '{name}': the rows of the first scheme", rows == reference, rows.keys() ^ reference.keys())
    place = folder / "unclear"
    place.mkdir()
    for letter in "abc":
        torch.save({"w.weight": torch.randn(8, 8)}, place / f"{letter}.pt")
    done = subprocess.run([ZEROLAB, "rank", place, "--over-steps", "--out", folder / "unclear-out"], capture_output=True,
                          text=True)
    check("unclear steps are an error that names --steps", done.returncode not in (0, 1) and "--steps" in done.stderr,
          done.stderr)
    text, _ = zerolab("rank", place, "--over-steps", "--steps", "0,10,30", "--out", folder / "unclear-out", "--json",
                      "--quiet")
    check("--steps gives the steps in the order of the names",
          [(row["step"], row["checkpoint"]) for row in json_lines(text)] == [(0, "a.pt"), (10, "b.pt"), (30, "c.pt")], text)


def check_damage(folder):
    """A truncated checkpoint is named and skipped, the others are ranked, and a second call reads only what is new."""
    place, out = folder / "damaged", folder / "damaged-out"
    shutil.copytree(folder / "gpt-adamw", place)
    victim = sorted(place.iterdir())[2]
    victim.write_bytes(victim.read_bytes()[:victim.stat().st_size // 2])
    command = ["rank", place, "--over-steps", "--minus", "first", "--out", out, "--json", "--quiet"]
    text, remarks = zerolab(*command, code=1)
    first = by_place(json_lines(text))
    check("the truncated checkpoint is named", victim.name in remarks, remarks)
    check("the other checkpoints are ranked", len({step for step, _ in first}) == len(list(place.iterdir())) - 1)
    # The damaged file is replaced; its row is added, and so are the similarities that need it.
    shutil.copy2(folder / "gpt-adamw" / victim.name, victim)
    text, _ = zerolab(*command)
    second = by_place(json_lines(text))
    whole, _ = zerolab("rank", folder / "gpt-adamw", "--over-steps", "--minus", "first", "--out", folder / "whole-out",
                       "--json", "--quiet")
    whole = by_place(json_lines(whole))
    strip = lambda rows: {place: {key: value for key, value in row.items() if key != "identity"}
                          for place, row in rows.items()}
    check("a resumed result equals the result of one call", strip(second) == strip(whole))


def check_watch(folder):
    """--watch adds each checkpoint of a training that is under way."""
    place, out = folder / "growing", folder / "growing-out"
    place.mkdir()
    process = subprocess.Popen([ZEROLAB, "rank", place, "--over-steps", "--minus", "first", "--out", out, "--watch",
                                "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    def steps():
        """The steps in the result so far."""
        path = out / "ranks.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return {json.loads(line)["step"] for line in lines if line.endswith("}")}

    for step, model, optimizer, _ in models.train("gpt", "adamw", 4):
        if train.due(step):
            train.nested(place, step, model, optimizer)
            end = time.monotonic() + 60
            while step not in steps() and time.monotonic() < end and process.poll() is None:
                time.sleep(0.2)
            check(f"--watch adds step {step}", step in steps(), steps())
    process.send_signal(signal.SIGINT)
    try:
        text, remarks = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        text, remarks = process.communicate()
    check("--watch ends with a table after Ctrl-C", process.returncode in (0, 130) and "c_proj" in text + remarks,
          (process.returncode, remarks[-300:]))


def main():
    torch.set_num_threads(1)
    place = sys.argv.index("--out") + 1 if "--out" in sys.argv else None
    with tempfile.TemporaryDirectory(prefix="zerolab-series-") as temporary:
        folder = pathlib.Path(temporary)
        out = pathlib.Path(sys.argv[place]) if place else folder / "out"
        out.mkdir(parents=True, exist_ok=True)
        for run in train.RUNS:
            train.write(folder, run, UPDATES)
            check_run(run, folder, out)
        check_names(folder)
        check_damage(folder)
        check_watch(folder)
    conclude()


if __name__ == "__main__":
    main()
