#!/usr/bin/env python3
"""Trains one network with zerolab and compares it with the recorded PyTorch run of the same settings.

    Scripts/compare-with-pytorch.py PROGRAM INIT WIDTH

The recorded runs are in Tests/TestSupport/Golden/training_curves.json. Rounding differences grow during training, so the
allowed difference grows as well: 0.5 % for the first five losses, 5 % for all losses, 2 + 1 % for ranks at tolerance 1e-4,
30 test images. The exit code is 1 if a check fails. The script needs only Python's standard library.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

if len(sys.argv) != 4:
    sys.exit("usage: compare-with-pytorch.py PROGRAM INIT WIDTH")
program, init, width = sys.argv[1:]
golden = pathlib.Path(__file__).parents[1] / "Tests/TestSupport/Golden/training_curves.json"
runs = json.loads(golden.read_text())["runs"]
peer = next((run for run in runs if [run["init"], str(run["width"])] == [init, width]), None)
if peer is None:
    known = ", ".join(f"{run['init']} {run['width']}" for run in runs)
    sys.exit(f"compare-with-pytorch.py: no recorded run of {init} {width}; known: {known}")

with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        [program, "train", "--init", init, "--width", width, "--model-seed", str(peer["model_seed"]),
         "--seed", str(peer["data_seed"]), "--out", folder, "--name", "run"],
        check=True, stdout=subprocess.DEVNULL)
    lines = (pathlib.Path(folder) / "run/metrics.jsonl").read_text().splitlines()
rows = [json.loads(line) for line in lines]
# The notebook doesn't measure after the last update.
train = [row for row in rows if row["kind"] == "train" and row["step"] % 50 == 0]
test = next(row for row in rows if row["kind"] == "test")

losses = [abs(row["loss"] - loss) / loss for row, loss in zip(train, peer["loss"])]
ranks = [abs(row["rank"]["l3.weight"] - rank) - 0.01 * rank
         for row, rank in zip(train, peer["rank_l3_weight_minus_identity"])]
checks = [
    ("measurements", len(train), len(peer["loss"]), len(train) == len(peer["loss"])),
    ("first 5 losses, relative", f"{max(losses[:5]):.1e}", "0.005", max(losses[:5]) <= 0.005),
    ("all losses, relative", f"{max(losses):.1e}", "0.05", max(losses) <= 0.05),
    ("ranks, beyond 1 %", f"{max(ranks):.1f}", "2", max(ranks) <= 2),
    ("correct test images, difference", test["correct"] - peer["test_correct"], "30",
     abs(test["correct"] - peer["test_correct"]) <= 30),
]
print(f"{init}, n_h = {width}, compared with PyTorch")
for what, observed, allowed, passed in checks:
    print(f"  {what:32} {observed:>10}  allowed {allowed:>6}  {'ok' if passed else 'OUT'}")
sys.exit(0 if all(check[3] for check in checks) else 1)
