#!/usr/bin/env python3
"""Compares zerolab rank with NumPy on a published checkpoint: ranks, time and memory.

    make bench-checkpoint        (installs the checkpoint and NumPy, and calls this script)
    checkpoint.py ZEROLAB FILE [--short]

The script first prints, for every matrix, both ranks at NumPy's default tolerance and the largest relative difference of
the singular values. It then runs both programs alternately; the speed-up is the median of five pairs, with its range. The
exit code is 1 if a rank differs, if the speed-up is below 4, or if zerolab needs more memory than 2.5 times the largest
tensor in double precision plus 100 MB.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ZEROLAB, CHECKPOINT = sys.argv[1:3]
PAIRS = 1 if "--short" in sys.argv else 5
TIMES_FASTER = 4
NUMPY = [sys.executable, str(pathlib.Path(__file__).parent / "numpy_checkpoint.py"), CHECKPOINT]
OURS = [ZEROLAB, "rank", CHECKPOINT, "--json", "--quiet"]
# Neither program receives variables that select a BLAS kernel.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith(("OPENBLAS_", "MKL_", "OMP_"))}


def run(command):
    """Runs a command; returns its JSON output, its time in seconds and its peak memory in bytes."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    return json.loads(text), time.perf_counter() - start, 1024 * usage.ru_maxrss


def main():
    ours, _, memory = run(OURS)
    theirs, _, their_memory = run(NUMPY)
    matrices = {tensor["name"]: tensor["matrix"] for tensor in ours["tensors"] if "matrix" in tensor}
    if matrices.keys() != theirs.keys():
        sys.exit(f"only one side has {sorted(matrices.keys() ^ theirs.keys())}")
    differing = 0
    print(f"{'matrix':52} {'shape':>11} {'rank':>5} {'NumPy':>5} {'smallest':>10} {'NumPy':>10} {'error':>8}")
    for name, peer in theirs.items():
        mine = matrices[name]
        apart = max(abs(a - b) / b for a, b in zip(mine["singular_values"], peer["values"], strict=True))
        differing += mine["rank"] != peer["rank"]
        print(f"{name:52} {'x'.join(map(str, peer['shape'])):>11} {mine['rank']:5} {peer['rank']:5} "
              f"{mine['singular_values'][-1]:10.6f} {peer['values'][-1]:10.6f} {apart:8.0e}")
    largest = 8 * max(peer["shape"][0] * peer["shape"][1] for peer in theirs.values())
    allowed = 2.5 * largest + 100e6

    pairs = [(run(OURS)[1], run(NUMPY)[1]) for _ in range(PAIRS)]
    ratios = sorted(their / our for our, their in pairs)
    ratio = statistics.median(ratios)
    mine, peer = (statistics.median(side) for side in zip(*pairs))
    print(f"{len(theirs)} matrices, {differing} ranks differ")
    print(f"zerolab {mine:.3f} s, NumPy {peer:.3f} s: speed-up {ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), "
          f"required {TIMES_FASTER}")
    print(f"memory: zerolab {memory / 1e6:.0f} MB, NumPy {their_memory / 1e6:.0f} MB, allowed {allowed / 1e6:.0f}")
    is_slow = ratio < TIMES_FASTER and PAIRS > 1
    sys.exit(1 if differing or is_slow or memory > allowed else 0)


main()
