#!/usr/bin/env python3
"""Measures time and memory of the commands that read a sweep of many finished runs, and their growth.

    make bench-sweep             (builds the program and calls this script)
    sweep.py ZEROLAB [--short] [--runs N] [--keep FOLDER]

The script trains one run per initializer: one epoch of MNIST at n_h = 64. All other runs are copies with other seeds or
another step_size, which has no effect within one epoch, so their plans, folder names and rows are consistent. Each command
runs as its own process; its memory is the peak resident set. The exit code is 1 if a command does not find every run, or
needs more memory than FIXED MB (WITH_IMAGES MB for --list, which reads the images) plus PER_RUN kB per run.
"""
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile

from sides import ENVIRONMENT, SHORT, ZEROLAB, output

RUNS = int(sys.argv[sys.argv.index("--runs") + 1]) if "--runs" in sys.argv else 300 if SHORT else 10_000
SEEDS = 5  # of each setting
FIXED, WITH_IMAGES, PER_RUN = 130, 220, 8
EXPERIMENT = """\
name: sweep
question: Does a sweep of {count} runs fit into memory?
data: mnist
training: {{epochs: 1, batch_size: 64, learning_rate: 0.1, bias: 0.01}}
runs: [{{init: [ZerO, Random], width: 64, step_size: [{steps}], repeat: {seeds}}}]
measure: {{every: 50, quantities: [rank, rank_from_start]}}
figure:
  - {{quantity: rank_from_start, tensor: l3.weight, label: "{{init}}, step size {{step_size}}"}}
  - {{name: zero, runs: {{init: ZerO}}, quantity: rank, tensor: l3.weight, label: "{{step_size}}"}}
claims:
  - {{runs: {{init: ZerO}}, tensor: l3.weight, quantity: rank, at_most: 64}}
"""
COPIED = ("provenance.json", "metrics.jsonl")


def write_experiment(path, settings, seeds):
    steps = ", ".join(str(12 + step) for step in range(settings))
    path.write_text(EXPERIMENT.format(count=2 * settings * seeds, steps=steps, seeds=seeds))


def train(work):
    """Trains one run per initializer."""
    write_experiment(work / "real.yaml", 1, 1)
    subprocess.run([ZEROLAB, "run", work / "real.yaml", "--out", work / "real", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return sorted((work / "real/sweep/runs").iterdir())


def identifier(name, seed, step):
    """The folder name of a copy, without a digest; seeds and step_size are offsets from the trained run's."""
    head, tail = name.rpartition("-")[0].split("-m0-s1", 1)
    return f"{head}-m{seed}-s{1 + seed}" + (f"-ss{12 + step}" if step else "") + tail


def copy(real, out, count):
    settings = count // (len(real) * SEEDS)
    folder = out / "sweep"
    folder.mkdir(parents=True)
    write_experiment(folder / "experiment.yaml", settings, SEEDS)
    for run in real:
        plan = json.loads((run / "plan.json").read_text())
        status = json.loads((run / "status.json").read_text())
        # A status contains the name of its run; without the name, as in older records, it is valid for any run.
        del status["metrics"]["run"]
        for step in range(settings):
            for seed in range(SEEDS):
                target = folder / "runs" / identifier(run.name, seed, step)
                target.mkdir(parents=True)
                own = plan | {"model_seed": plan["model_seed"] + seed, "seed": plan["seed"] + seed,
                              "step_size": 12 + step}
                (target / "plan.json").write_text(json.dumps(own))
                for name in COPIED:
                    shutil.copyfile(run / name, target / name)
                (target / "status.json").write_text(json.dumps(status))
    return len(real) * settings * SEEDS


def commands(out):
    experiment, folder = out / "sweep/experiment.yaml", out / "sweep"
    return [
        ("run --list", ["run", experiment, "--out", out, "--list"], "0 of {count} runs to do"),
        ("watch --once", ["watch", folder, "--once"], "{count} of {count} runs done"),
        ("watch", ["watch", folder], "{count} of {count} runs done"),
        ("report", ["report", folder], ""),
        ("run --gather", ["run", experiment, "--out", out, "--gather"], ""),
    ]


def main():
    failures = 0
    work = pathlib.Path(sys.argv[sys.argv.index("--keep") + 1]) if "--keep" in sys.argv else pathlib.Path(
        tempfile.mkdtemp(prefix="zerolab-sweep-"))
    try:
        real = train(work)
        size = sum((run / name).stat().st_size for run in real for name in COPIED) // len(real)
        print(f"records per run: {size / 1000:.0f} kB")
        earlier = {}
        print(f"{'command':14} {'runs':>6} {'seconds':>8} {'growth':>7} {'MB':>6} {'allowed':>8}")
        for fraction in (1,) if SHORT else (4, 2, 1):
            out = work / f"copies-{RUNS // fraction}"
            count = copy(real, out, RUNS // fraction)
            for name, command, expected in commands(out):
                last, seconds, memory = output(ZEROLAB, *command)
                allowed = (WITH_IMAGES if "--list" in name else FIXED) + PER_RUN * count / 1000
                # The exponent of the growth of time; 1 is linear.
                growth = ""
                if name in earlier:
                    before, runs = earlier[name]
                    growth = f"{math.log(seconds / before) / math.log(count / runs):.2f}"
                earlier[name] = (seconds, count)
                fits = memory * 1.048576 <= allowed and expected.format(count=count) in last
                failures += not fits
                print(f"{name:14} {count:6} {seconds:8.2f} {growth:>7} {memory * 1.048576:6.0f} {allowed:8.0f}"
                      f"{'' if fits else '  OUT: ' + last}", flush=True)
            for file in sorted((out / "sweep").iterdir()):
                if file.is_file() and fraction == 1:
                    print(f"  {file.name}: {file.stat().st_size / 1e6:.2f} MB")
            if "--keep" not in sys.argv:
                shutil.rmtree(out)
    finally:
        if "--keep" not in sys.argv:
            shutil.rmtree(work, ignore_errors=True)
    sys.exit(1 if failures else 0)


main()
