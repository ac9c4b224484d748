#!/usr/bin/env python3
"""Compares the speed of this checkout with another commit's.

    make bench-commits BASE=COMMIT
    commits.py COMMIT [--short]

The script builds both commits, the other one in a separate folder, and runs both benchmark programs alternately, three
times each. For every quantity it prints the median of the three ratios base / this. A ratio of times above 1 means that
this checkout is faster; for rates and fractions, a ratio below 1 does. It needs only Python's standard library.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[1]
BASE = sys.argv[1] if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else None
OPTIONS = sys.argv[2:]
if BASE is None:
    sys.exit("commits.py: no commit given; use make bench-commits BASE=COMMIT")

# Names of version 0.1, and the present ones.
RENAMED = {
    "step, n_h": "update, n_h", "batches of ": "batch size ", "  its rate": "  speed", "ns an element": "ns per element",
    "  its share of one core's sgemm": "  relative to one core's sgemm",
    "  the share of its products alone": "  the same for its matrix products alone",
    "bias and rectifier": "bias and ReLU",  # words: allow
    "derivative of the rectifier": "derivative of ReLU",  # words: allow
    "sums of rows": "row sums", "pixels to numbers": "conversion of pixels", "with its test pass": "with test pass",
    "decompressed and checked": "decompressed and verified", "one on each core": "one per core",
    "  its singular values": "  singular values",
}


def present(name):
    """The present name of a quantity or unit."""
    for old, new in RENAMED.items():
        name = name.replace(old, new)
    return name


def build(checkout):
    """Builds the benchmarks of a commit and returns the program. Earlier commits have them in a package of their own."""
    is_separate = (checkout / "Benchmarks/Package.swift").exists()
    if not (checkout / "Benchmarks/Sources").exists():
        sys.exit(f"commits.py: {BASE} has no benchmarks; choose a later commit")
    package = checkout / "Benchmarks" if is_separate else checkout
    subprocess.run(["swift", "build", "-c", "release", "--package-path", package, "--product", "benchmarks"], check=True)
    return package / ".build/release/benchmarks"


def measure(program):
    """The medians of one run, by name (with the parent's name for indented lines) and unit."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([program, "--json", file.name, *OPTIONS], check=True, stdout=subprocess.DEVNULL)
        results = json.loads(pathlib.Path(file.name).read_text())["results"]
    owner, medians = "", {}
    for result in results:
        # An indented line belongs to the one above it.
        owner = owner if result["name"].startswith("  ") else result["name"]
        name = owner if owner == result["name"] else f"{owner}:{result['name']}"
        medians[present(name), present(result["unit"])] = result["value"]["median"]
    return medians


commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--verify", f"{BASE}^{{commit}}"],
                        capture_output=True, text=True)
if commit.returncode:
    sys.exit(f"commits.py: '{BASE}' is no commit of this repository; see git log")
subprocess.run(["git", "-C", ROOT, "worktree", "prune"], check=True)
other = ROOT / ".build" / f"base-{commit.stdout.strip()[:12]}"
if not other.exists():
    subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", other, BASE], check=True)
base, this = build(other), build(ROOT)
pairs = [(measure(base), measure(this)) for _ in range(3)]
print(f"{'quantity':72} base / this (range of 3)")
common = [key for key in pairs[0][1] if all(key in base for base, _ in pairs)]
for key in common:
    ratios = sorted(base[key] / this[key] for base, this in pairs)
    print(f"{key[0]:72} {ratios[1]:6.3f} ({ratios[0]:.3f} to {ratios[2]:.3f})")
lone = sorted(" ".join(key) for key in set(pairs[0][0]) ^ set(pairs[0][1]))
if lone:
    sys.exit("commits.py: measured by one side only: " + "; ".join(lone))
