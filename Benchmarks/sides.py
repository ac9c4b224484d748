"""Functions shared by the comparisons, which run two programs alternately as whole processes.

The first argument of a script that imports this module is the path of zerolab, or of the program that it measures.
--short is optional. Neither program receives variables that select a BLAS kernel.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
ZEROLAB = sys.argv[1]
SHORT = "--short" in sys.argv
REPETITIONS = 1 if SHORT else 3
WIDE = 128 if SHORT else 1024
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith(("OPENBLAS_", "LIBXSMM_", "MKL_", "OMP_"))}
failures = 0


def output(*command):
    """Runs a command; returns the last line of its output, its time in seconds and its peak memory in MiB."""
    start = time.perf_counter()
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=ENVIRONMENT, text=True) as process:
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {process.returncode}\n{text[-2000:]}")
    return text.strip().rpartition("\n")[2], time.perf_counter() - start, usage.ru_maxrss / 1024


def zerolab_run(init, width, *options):
    """The time of training, measurements and tests according to the run's record, and the peak memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        _, _, memory = output(ZEROLAB, "train", "--init", init, "--width", width, "--model-seed", 1,
                              "--out", folder, "--name", "run", *options)
        return json.loads((pathlib.Path(folder) / "run/status.json").read_text())["seconds"], memory


def zerolab_experiments(*names):
    """The time of the whole program, including reading and drawing."""
    with tempfile.TemporaryDirectory() as folder:
        return output(ZEROLAB, "run", *names, "--out", folder, "--quiet")[1]


def zerolab_resnet(model, batch_size, updates, *options):
    """The seconds of some updates with momentum and of a test pass, and the peak memory in MiB.

    The test has a sixth as many images as the training, as in an epoch. The other programs test as many images.
    """
    with tempfile.TemporaryDirectory() as folder:
        _, _, memory = output(ZEROLAB, "train", "--model", model, "--init", "ZerO", "--data", "fashion-mnist",
                              "--momentum", 0.9, "--lr", 0.01, "--batch-size", batch_size,
                              "--train-images", batch_size * updates, "--test-images", batch_size * updates // 6, "--test-batch-size",
                              batch_size, "--no-measure", "--out", folder, "--name", "run", *options)
        return json.loads((pathlib.Path(folder) / "run/status.json").read_text())["seconds"], memory


def pytorch_resnet(*arguments):
    seconds, memory = output(sys.executable, HERE / "torch_resnet.py", *arguments)[0].split()
    return float(seconds), float(memory)


def jax_resnet(*arguments):
    return float(output(sys.executable, HERE / "jax_resnet.py", *arguments)[0])


def pytorch(pipeline, init, width, *options):
    seconds, memory = output(sys.executable, HERE / "torch_peer.py", pipeline, init, width,
                             *options)[0].split()
    return float(seconds), float(memory)


def jax(width, *options):
    return float(output(sys.executable, HERE / "jax_peer.py", width, *options)[0])


def line(what, ours, theirs, at_least, unit="s"):
    """Runs both programs alternately and prints the ratio of the other program's value to zerolab's."""
    global failures
    pairs = [(ours(), theirs()) for _ in range(REPETITIONS)]
    ratios = sorted(their / our for our, their in pairs)
    median = ratios[len(ratios) // 2]
    our, their = (sorted(side)[len(side) // 2] for side in zip(*pairs))
    passed = median >= at_least
    failures += not passed
    print(f"{what:66} {our:9.3f} {their:9.3f} {unit:4} {median:5.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
          f"  {at_least:4.1f}  {'ok' if passed else 'OUT'}", flush=True)


def conclude():
    """Prints the number of failed lines. The exit code is 1 if there are any, except with --short."""
    print(f"{failures} lines failed" if failures else "all lines passed")
    sys.exit(failures > 0 and not SHORT)
