#!/usr/bin/env python3
"""Injects faults into a run: killed, hung up, full disks, read-only disks, folders that are moved
away, records that lose their end, checkpoints of another optimizer, clocks, second processes.

    make test-faults        (builds the program and calls this)
    faults.py ZEROLAB [--short]

Every fault ends with the same command given again, and with records that equal, byte for byte, those of a run
that nothing happened to. The exit code is 1 if anything is out. The disk that fills up is a small file system in
memory, which only the superuser can mount.
"""
import collections
import csv
import gzip
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ZEROLAB = str(pathlib.Path(sys.argv[1]).resolve())
SHORT = "--short" in sys.argv
KILLS = 3 if SHORT else 25
IMAGES = 12_000 if SHORT else 60_000
MNIST = pathlib.Path(__file__).resolve().parents[3] / "Sources/Learning/Datasets/MNIST"
# In memory if possible: a checkpoint waits for the disk, and there are many checkpoints.
MEMORY = pathlib.Path("/dev/shm")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="zerolab-faults-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
EXPERIMENT = """\
name: short
data: DATA
training: {epochs: 2, batch_size: 240, learning_rate: 0.1, bias: 0.01, step_size: 1}
runs: [{init: [ZerO, Random], width: 96}, {init: Spray, width: 64}]
measure: {every: 10, quantities: [rank, rank_from_start]}
figure: {quantity: rank, tensor: l3.weight, label: "{init}"}
claims: [{runs: {init: ZerO}, tensor: l3.weight, quantity: rank, at_most: input_dimension}]
""".replace("DATA", str(WORK / "data"))
# 49 pixels and 64 units: partial identity makes units identical, which symmetry reduction trains as one.
BLOCKS = """\
name: short
data: DATA
training:
  {epochs: 2, batch_size: 60, model: {depth: 4, residual: true, norm: layer, activation: gelu}}
runs: [{init: {default: Partial_Identity, "*.last.weight": Zeros}, width: 64, SETTINGS}]
measure: {every: 10, quantities: [rank, rank_from_start]}
""".replace("DATA", str(WORK / "blocks"))
# The running statistics of batch normalization are states too, and augmentation draws in every epoch.
IMAGES_EXPERIMENT = """\
name: short
data: DATA
training: {epochs: 2, batch_size: 60, train_images: 3000, test_images: 1000, augment: [crop, flip],
           model: {family: resnet, blocks: [1, 1], widths: [8, 16], norm: NORM}}
runs: [{init: ZerO, momentum: 0.9}]
measure: {every: 10, quantities: [rank_from_start, tap_rank]}
""".replace("DATA", str(WORK / "blocks"))
STATES = {
    "momentum": BLOCKS.replace("SETTINGS", "momentum: 0.9"),
    "nesterov": BLOCKS.replace("SETTINGS", "momentum: 0.9, nesterov: true, weight_decay: 5.0e-4"),
    "adam": BLOCKS.replace("SETTINGS", "optimizer: adam"),
    "adamw": BLOCKS.replace("SETTINGS", "optimizer: adamw, clip: 1.0, schedule: cosine, warmup: 20"),
    "reduced": BLOCKS.replace("SETTINGS", "momentum: 0.9, symmetry: reduced"),
    "resnet, batch norm": IMAGES_EXPERIMENT.replace("NORM", "batch"),
    "resnet, group norm": IMAGES_EXPERIMENT.replace("NORM", "group"),
}
failures = 0


def line(what, passed, detail):
    global failures
    failures += not passed
    print(f"{what:50} {'ok ' if passed else 'OUT'}  {detail}", flush=True)


def command(out, *options, file=None):
    return [ZEROLAB, "run", str(file or WORK / "short.yaml"), "--out", str(out), "--save-models",
            "--checkpoint-every", "0.05", "--quiet", *options]


def start(out, *options, file=None, env=None):
    return subprocess.Popen(command(out, *options, file=file), text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env={**os.environ, **(env or {})})


def finish(process):
    _, text = process.communicate(timeout=600)
    return process.returncode, text.strip()


def results(out, name="short"):
    """The output that no fault may change: records, weights, figures, and the summary without times."""
    folder = pathlib.Path(out) / name
    found = {}
    for file in sorted(folder.rglob("*")):
        if ".before-" in str(file.relative_to(folder)):  # moved aside
            continue
        if file.name in ("plan.json", "metrics.jsonl", "model.safetensors") or file.suffix in (
                ".png", ".svg", ".pdf"):
            found[str(file.relative_to(folder))] = hashlib.sha256(file.read_bytes()).hexdigest()
    with open(folder / "runs.csv", newline="", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            found[row["run"]] = tuple(value for key, value in row.items() if "seconds" not in key)
    return found


def lost_rows(out, reference):
    """The number of rows that only one side contains, over all runs."""
    total = 0
    for theirs in sorted((pathlib.Path(reference) / "short").rglob("metrics.jsonl")):
        mine = pathlib.Path(out) / theirs.relative_to(reference)
        one, other = (collections.Counter(file.read_text().splitlines()) for file in (mine, theirs))
        total += sum(((one - other) + (other - one)).values())
    return total


def statuses(out):
    return {file.parent.name: json.loads(file.read_text())["status"]
            for file in pathlib.Path(out).rglob("status.json")}


def until(condition, process, seconds=60):
    """Waits until a condition holds; the process must still run."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if condition():
            return True
        time.sleep(0.002)
    return False


def has_checkpoint(out):
    return lambda: any(pathlib.Path(out).rglob("checkpoint.safetensors"))


def same(out, reference):
    return results(out) == results(reference)


def row_count(out):
    return sum(file.read_bytes().count(b"\n") for file in pathlib.Path(out).rglob("metrics.jsonl"))


def kills(reference, *options, count=KILLS, file=None, what="kill -9"):
    """kill -9 at random rows of the records, repeated until the experiment ends: rows, since time depends on load."""
    draw = random.Random(20211206)
    end = row_count(reference)
    done = equal = lost = resumed = rounds = 0
    while done < count:
        out = WORK / f"{reference.name}-killed-{rounds}"
        killed, rounds = 0, rounds + 1
        # Several kills per run: each time training gets a little further.
        while killed < 5 and done < count:
            begun = row_count(out)
            moment = begun + draw.uniform(0.02, 0.8) * (end - begun)
            process = start(out, *options, file=file)
            until(lambda: row_count(out) >= moment and has_checkpoint(out)(), process)
            if process.poll() is not None:
                break
            process.kill()
            finish(process)
            killed += 1
            done += 1
        code, text = finish(start(out, *options, file=file))
        if code == 0 and same(out, reference):
            equal += killed
        else:
            print(code, text)
        lost += lost_rows(out, reference)
        resumed += sum(len(json.loads(entry.read_text()).get("resumed", []))
                       for entry in out.rglob("provenance.json"))
        if killed == 0:
            print(f"no moment to kill {out.name}: it ended before")
            break
    line(f"{what} at {count} random moments", equal == done == count and lost == 0 and resumed > 0,
         f"{equal} of {done} ended bit-identical; rows lost or doubled: {lost}; resumed {resumed} times")


def states():
    """kill -9 while an optimizer or a normalization has states: a checkpoint after each update contains them."""
    options = ("--checkpoint-every", "0")
    for name, experiment in STATES.items():
        file, reference = WORK / f"{name}.yaml", WORK / name
        file.write_text(experiment)
        code, text = finish(start(reference, *options, file=file))
        if code:
            line(f"kill -9, {name}", False, f"it fails even when it is left alone: {text}")
            continue
        kills(reference, *options, count=2 if SHORT else KILLS, file=file,
              what=f"kill -9, {name},")


def with_tensors(own, other):
    """A valid checkpoint with the position of one and the tensors of another."""
    def split(contents):
        size = 8 + int.from_bytes(contents[:8], "little")
        return json.loads(contents[8:size]), contents[size:]

    (mine, _), (theirs, values) = split(own), split(other)
    metadata = {**mine["__metadata__"], "sha256": "0" * 64}
    header = json.dumps({**theirs, "__metadata__": metadata}, separators=(",", ":"), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)
    blank = len(header).to_bytes(8, "little") + header + values
    return blank.replace(b"0" * 64, hashlib.sha256(blank).hexdigest().encode(), 1)


def foreign_checkpoints():
    """The states of another optimizer are never used, even in a checkpoint that claims to be of this run."""
    def train(out, *options):
        return subprocess.Popen(
            [ZEROLAB, "train", "--init", "Partial_Identity", "--width", "64", "--depth", "4", "--residual", "--norm",
             "layer", "--data", str(WORK / "blocks"), "--epochs", "2", "--save-model", "--checkpoint-every", "0",
             "--out", str(out), "--name", "run", *options],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def outcome(out):
        return [(out / "run" / name).read_bytes() for name in ("metrics.jsonl", "model.safetensors")]

    def interrupted(out, *options):
        # The latest checkpoint is missing for a moment while the next one takes its place; the one before never is.
        previous = out / "run/checkpoint.previous.safetensors"
        process = train(out, *options)
        until(previous.exists, process)
        process.kill()
        finish(process)
        return previous.read_bytes()

    whole, killed = WORK / "whole-momentum", WORK / "interrupted-momentum"
    momentum = ("--momentum", "0.9")
    finish(train(whole, *momentum))
    own = interrupted(killed, *momentum)
    adam = interrupted(WORK / "interrupted-adam", "--optimizer", "adam")
    for number, (what, contents, expected) in enumerate((
            ("a checkpoint of another optimizer", adam,
             "is of a run with another plan or on other data); starting again"),
            ("  and one that claims to be of this run", with_tensors(own, adam),
             "has the states of another optimizer); starting again"),
            ("  and its own, written the same way", with_tensors(own, own), "resuming after"))):
        out = WORK / f"foreign-{number}"
        shutil.copytree(killed, out)
        for file in out.rglob("checkpoint*.safetensors"):
            file.write_bytes(contents)
        code, text = finish(train(out, *momentum))
        line(what, code == 0 and expected in text and outcome(out) == outcome(whole), f"{text}; bit-identical")


def interruptions(reference):
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        out = WORK / f"signal-{code}"
        process = start(out)
        waited = until(has_checkpoint(out), process)
        process.send_signal(number)
        if number == signal.SIGHUP:  # the terminal sends one, and its shell another
            time.sleep(0.01)
            process.send_signal(number)
        found, text = finish(process)
        words = set(statuses(out).values())
        line(f"{number.name}: exit {code}", waited and found == code and "interrupted" in words
             and "running" not in words and text.endswith("without --fresh to resume"),
             f"exit {found}, runs {sorted(words)}")
        found, _ = finish(start(out))
        line("  and the same command again", found == 0 and same(out, reference), "bit-identical")
    out = WORK / "nohup"
    process = subprocess.Popen(["nohup", *command(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    waited = until(has_checkpoint(out), process)
    process.send_signal(signal.SIGHUP)
    process.wait(timeout=600)
    line("SIGHUP below nohup: none", waited and process.returncode == 0 and same(out, reference),
         f"exit {process.returncode}, bit-identical")


def second_signal():
    """A second Ctrl-C during a long update ends the process at once, without further output."""
    def train(out):
        return [ZEROLAB, "train", "--init", "ZerO", "--width", "256", "--batch-size", "20000", "--log-interval", "1",
                "--jobs", "1", "--save-model", "--out", str(out), "--name", "run"]

    def outcome(out):
        return [(out / "run" / name).read_bytes() for name in ("metrics.jsonl", "model.safetensors")]

    whole, out = WORK / "whole", WORK / "twice"
    subprocess.run(train(whole), check=True, capture_output=True)
    process = subprocess.Popen(train(out), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    rows = out / "run/metrics.jsonl"
    waited = until(lambda: rows.exists() and rows.stat().st_size > 0, process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    code, text = finish(process)
    at_once = "without --fresh to resume" not in text and statuses(out)["run"] == "running"
    kept = rows.stat().st_size > 0
    again = subprocess.run(train(out), capture_output=True, check=False).returncode
    line("a second SIGINT: exit 130 at once", waited and code == 130 and at_once and kept and again == 0
         and outcome(out) == outcome(whole), f"exit {code}, in the middle of an update; afterwards bit-identical")


def second_process(reference):
    out = WORK / "second"
    first = start(out)
    waited = until(has_checkpoint(out), first)
    code, text = finish(start(out))
    fresh, _ = finish(start(out, "--fresh"))
    first_code, _ = finish(first)
    line("a second process on the same folder is refused",
         waited and code == 73 and fresh == 73 and "another process" in text and first_code == 0
         and same(out, reference), text[-60:])


def two_at_once(reference):
    """No process waits for a run of the other: the lock of the experiment decides."""
    rounds = 1 if SHORT else 10
    equal = 0
    for index in range(rounds):
        out = WORK / f"at-once-{index}"
        both = [start(out), start(out)]
        codes = sorted(finish(process)[0] for process in both)
        equal += codes == [0, 73] and same(out, reference)
    line("two processes begun together: one goes on", equal == rounds, f"{equal} of {rounds}, exits 0 and 73")


def lost_end(reference):
    out = WORK / "lost-end"
    finish(start(out))
    rows = next(iter(sorted(out.rglob("metrics.jsonl"))))
    rows.write_bytes(rows.read_bytes()[:-400])
    report = subprocess.run([ZEROLAB, "report", str(out / "short")], capture_output=True, check=False).returncode
    code, _ = finish(start(out))
    aside = [folder for folder in out.rglob("*.before-1") if (folder / "metrics.jsonl").exists()]
    line("a finished run that lost its last rows", report in (1, 65) and code == 0 and len(aside) == 1
         and same(out, reference), f"report: exit {report}; moved aside and made again, bit-identical")


def other_plan(reference):
    out = WORK / "other"
    finish(start(out))
    changed = WORK / "changed.yaml"
    changed.write_text(EXPERIMENT.replace("[rank, rank_from_start]", "[rank]"))
    code, text = finish(start(out, file=changed))
    line("another plan in the folder is refused", code == 73 and "'quantities'" in text
         and same(out, reference), text[-80:])
    code, _ = finish(start(out, "--fresh", file=changed))
    aside = list(out.glob("short.before-*"))
    line("--fresh moves the old results aside", code == 0 and len(aside) == 1
         and results(out, aside[0].name) == results(reference), aside[0].name)


def divergence():
    file = WORK / "diverging.yaml"
    file.write_text(EXPERIMENT.replace("name: short", "name: diverging").replace(
        "width: 96}", "width: 96}, {init: ZerO, width: 96, learning_rate: 1.0e+30}"))
    out = WORK / "diverging"
    process = subprocess.Popen(command(out, file=file), text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    table, _ = process.communicate()
    words = sorted(statuses(out).values())
    line("one of parallel runs diverges", words == ["diverged", "done", "done", "done"]
         and process.returncode == 1 and table.count("diverged") >= 1,
         f"{words}; the table names it")


def damaged_checkpoints(reference):
    draw = random.Random(7)
    equal = count = 0
    for _ in range(3 if SHORT else 10):
        out = WORK / f"damaged-{count}"
        process = start(out)
        waited = until(lambda: any(out.rglob("checkpoint.previous.safetensors")), process)
        process.kill()
        finish(process)
        damaged = 0
        for file in out.rglob("checkpoint.safetensors"):
            damaged += 1
            contents = bytearray(file.read_bytes())
            if draw.random() < 0.5:
                contents[draw.randrange(len(contents))] ^= 1 << draw.randrange(8)
            else:
                contents = contents[:draw.randrange(len(contents))]
            file.write_bytes(contents)
        for file in out.rglob("metrics.jsonl"):
            with open(file, "a", encoding="utf-8") as log:
                log.write('{"kind":"train","epo')
        code, _ = finish(start(out))
        equal += waited and damaged > 0 and code == 0 and same(out, reference)
        count += 1
    line("flipped or cut checkpoints, torn last lines", equal == count,
         f"{equal} of {count} ended bit-identical")


def spoilt(name, out, reference, spoil, repair):
    """Damages the folder of the results during an experiment, then repairs it."""
    process = start(out)
    waited = until(has_checkpoint(out), process)
    spoil()
    code, text = finish(process)
    repair()
    message = code in (73, 74) and len(text.splitlines()) == 1 and text.startswith("zerolab: ")
    again, _ = finish(start(out))
    line(name, waited and message and again == 0 and same(out, reference),
         f"exit {code}: {text[-64:]}; afterwards bit-identical")


def full_disk(reference):
    if os.geteuid() != 0:
        print("a disk that fills up: left out, only the superuser can mount one")
        return
    disk = WORK / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], check=True)
    try:
        spoilt("a disk that fills up", disk / "results", reference, lambda: fill(disk),
               (disk / "filler").unlink)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def read_only_folders(reference):
    out = WORK / "read-only"

    def folders():
        return [str(file.parent) for file in out.rglob("plan.json")]

    def forbid():
        # The superuser may write despite file modes, but not into an immutable folder.
        if os.geteuid() == 0:
            subprocess.run(["chattr", "+i", *folders()], check=True)
        else:
            subprocess.run(["chmod", "a-w", *folders()], check=True)

    def allow():
        if os.geteuid() == 0:
            subprocess.run(["chattr", "-i", *folders()], check=True)
        else:
            subprocess.run(["chmod", "u+w", *folders()], check=True)

    spoilt("folders that turn read-only", out, reference, forbid, allow)


def moved_results(reference):
    out, away = WORK / "moving", WORK / "moved-away"
    spoilt("results that are moved away", out, reference, lambda: out.rename(away), lambda: away.rename(out))
    # Moving them back fails if a new folder has their name.


def fill(disk):
    """Fills the disk to the last byte."""
    with open(disk / "filler", "wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12):
            try:
                while filler.write(bytes(size)) == size:
                    pass
            except OSError:
                pass


def clock(reference):
    compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    if compiler is None or sys.platform != "linux":
        print("a clock that goes backwards: left out, it needs Linux and a C compiler")
        return
    library = WORK / "clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library),
                    str(pathlib.Path(__file__).parent / "clock.c"), "-ldl"], check=True)
    out = WORK / "clock"
    back = WORK / "back"
    process = start(out, env={"LD_PRELOAD": str(library), "ZEROLAB_CLOCK_BACK": str(back)})
    waited = until(has_checkpoint(out), process)
    back.touch()
    code, text = finish(process)
    seconds = [json.loads(file.read_text())["seconds"] for file in out.rglob("status.json")]
    times = [json.loads(file.read_text()) for file in out.rglob("provenance.json")]
    went_back = any(entry["ended"] < entry["started"] for entry in times)
    line("a clock that goes back by two days", waited and code == 0 and went_back and same(out, reference)
         and all(0 < value < 600 for value in seconds),
         f"bit-identical; seconds {min(seconds, default=0):.1f} to {max(seconds, default=0):.1f} {text}")


def first_images(folder, images, step=1):
    """Writes the first training images of MNIST, and all test images, as IDX files; of both every step-th pixel."""
    folder.mkdir()
    for file in MNIST.glob("*.gz"):
        contents = bytearray(gzip.decompress(file.read_bytes()))
        header, size = (16, 28 * 28) if "images" in file.name else (8, 1)
        if file.name.startswith("train"):
            contents[4:8] = images.to_bytes(4, "big")
            del contents[header + images * size:]
        if header == 16 and step > 1:
            rows = (contents[at:at + 28:step] for image in range(header, len(contents), size)
                    for at in range(image, image + size, 28 * step))
            contents[8:] = 2 * (28 // step).to_bytes(4, "big") + b"".join(rows)
        (folder / file.stem).write_bytes(contents)


def main():
    first_images(WORK / "data", IMAGES)
    first_images(WORK / "blocks", 6_000, step=4)
    (WORK / "short.yaml").write_text(EXPERIMENT)
    reference = WORK / "reference"
    begin = time.monotonic()
    code, text = finish(start(reference))
    if code:
        sys.exit(f"the experiment fails even when it is left alone: {text}")
    seconds = time.monotonic() - begin
    rows = sum(len(file.read_text().splitlines()) for file in reference.rglob("metrics.jsonl"))
    print(f"an experiment of 3 runs, {rows} rows and {seconds:.1f} s; every fault against it\n")
    kills(reference)
    states()
    foreign_checkpoints()
    interruptions(reference)
    second_signal()
    second_process(reference)
    two_at_once(reference)
    lost_end(reference)
    other_plan(reference)
    divergence()
    damaged_checkpoints(reference)
    full_disk(reference)
    read_only_folders(reference)
    moved_results(reference)
    clock(reference)
    print(f"\n{failures} out" if failures else "\nevery fault survived")


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(1 if failures else 0)
