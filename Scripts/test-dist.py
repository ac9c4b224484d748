#!/usr/bin/env python3
"""Tests the archive and the wheel in .build/dist as a user gets them: test-dist.py, after `make dist`.

The archive is unpacked and moved; the wheel is installed in an environment of its own. Each runs an experiment to its figure, without
any variable of this environment and without the system's libraries of the build: only the C library's may be loaded from there.
"""
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import venv

DIST = pathlib.Path(__file__).resolve().parents[1] / ".build/dist"
(ARCHIVE,), (WHEEL,) = (list(DIST.glob(pattern)) for pattern in ("zerolab-*.tar.gz", "zerolab-*.whl"))
failures = 0


def check(what, passed, detail=""):
    global failures
    failures += not passed
    print(f"{what:70} {detail:30} {'ok' if passed else 'FAILED'}", flush=True)


def run(*command, folder, environment=None):
    """Runs a command with a bare environment."""
    return subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **(environment or {})})


def libraries(program, folder):
    """The libraries that a program loads from outside of its folder, without the C library's."""
    found = re.findall(r"=> (/.*) \(0x", run("ldd", program, folder=folder).stdout)
    inside = str(program.resolve().parents[1])
    return [path for path in map(pathlib.Path, found) if not str(path.resolve()).startswith(inside)
            and not re.match(r"lib(c|m|dl|pthread|rt|util)\.so", path.name)]


def experiment(what, command, folder):
    """Runs an experiment to its figure and checks its verdict."""
    start = time.monotonic()
    done = run(*command, "run", "figure_3_right", "--epochs", "1", "--quiet", folder=folder)
    figure = folder / "results/figure_3_right/figure_3_right.png"
    check(f"{what}: an experiment to its figure", done.returncode == 0 and figure.exists() and "Held: " in done.stdout,
          f"{time.monotonic() - start:.1f} s")
    if done.returncode:
        print(done.stdout[-1000:], done.stderr[-1000:])


def main():
    with tempfile.TemporaryDirectory(prefix="zerolab-dist-") as temporary:
        root = pathlib.Path(temporary).resolve()
        with tarfile.open(ARCHIVE) as tar:
            tar.extractall(root, filter="data") if hasattr(tarfile, "data_filter") else tar.extractall(root)
        unpacked = next(root.glob("zerolab-*"))
        moved = unpacked.rename(root / "a folder")
        program = moved / "bin/zerolab"
        outside = libraries(program, root)
        check("archive: no library from outside besides the C library's", not outside, " ".join(path.name for path in outside))
        version = run(program, "--version", folder=root)
        check("archive: the version is that of its name", f"zerolab-{version.stdout.strip()}-" in ARCHIVE.name, version.stdout.strip())
        loaded = {path.name for path in (moved / "lib/zerolab").iterdir()}
        licenses = {path.name for path in (moved / "share/doc/zerolab").iterdir()}
        check("archive: licenses beside its libraries", len(licenses) > len(loaded), f"{len(licenses)} and {len(loaded)}")
        (root / "archive").mkdir()
        experiment("archive", [program], root / "archive")

        venv.create(root / "environment", with_pip=True)
        python = root / "environment/bin/python"
        done = run(python, "-m", "pip", "install", "--quiet", WHEEL, folder=root)
        check("wheel: installation", done.returncode == 0, done.stderr.strip()[-30:])
        (root / "wheel").mkdir()
        experiment("wheel", [root / "environment/bin/zerolab"], root / "wheel")
        done = run(python, "-c", "import zerolab, numpy; print(zerolab.rank(numpy.diag([3.0, 2, 0])).rank,"
                   " zerolab.ceiling('ZerO', width=256, data='mnist')['l3'], zerolab.weight('ZerO', (2, 2)).tolist())", folder=root)
        check("wheel: functions of the package", done.stdout == "2 224 [[1.0, 0.0], [0.0, 1.0]]\n", done.stderr.strip()[-30:])
        slow = run(root / "environment/bin/zerolab", "train", "--init", "ZerO", "--width", "16", "--no-measure", "--out", "old",
                   folder=root, environment={"OPENBLAS_CORETYPE": "Nehalem"})
        check("wheel: a processor without AVX2 trains, and a line says so", slow.returncode == 0 and "Nehalem" in slow.stderr)
    print("all checks passed" if not failures else f"{failures} failed")
    sys.exit(bool(failures))


main()
