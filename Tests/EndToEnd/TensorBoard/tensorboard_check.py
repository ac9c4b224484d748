#!/usr/bin/env python3
"""Reads event files with TensorBoard and compares them with metrics.jsonl.

    make test-tensorboard        (builds the program, installs TensorBoard and calls this script)
    tensorboard_check.py ZEROLAB [--short]

The runs are short, plus one experiment of a whole epoch without --short. Among them are completed runs, an interrupted
and a killed run that were resumed, and a run with deliberately damaged files. The exit code is 1 if a check fails.
"""
import collections
import io
import json
import logging
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy
import PIL.Image
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util import tensor_util

ZEROLAB = str(pathlib.Path(sys.argv[1]).resolve())
SHORT = "--short" in sys.argv
SWEEP = """\
name: sweep
data: mnist
training: {epochs: 2, batch_size: 500}
runs: [{init: [ZerO, Random], width: [24, 70], learning_rate: 0.1, repeat: 2}, {init: OnE, width: 24, depth: 2}]
measure: {every: 10, quantities: [rank, rank_from_start]}
"""
RUNS, GROUPS = 9, 5
checks = failures = 0


def check(what, passed, detail=""):
    global checks, failures
    checks += 1
    if not passed:
        failures += 1
        print(f"OUT  {what}  {detail}", flush=True)


def single(number):
    return float(numpy.float32(number))


def rows(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def expected(run):
    """The values of metrics.jsonl in TensorBoard's structure: tag -> [(step, value)]."""
    curves = collections.defaultdict(list)
    lines = rows(run)
    updates = (60_000 + plan(run)["batch_size"] - 1) // plan(run)["batch_size"]
    for row in lines:
        if row["kind"] == "ceiling":
            continue  # belongs to the network, not to a step
        if row["kind"] == "train":
            step, values = row["iteration"] + 1, {
                f"train/{key}": row[key] for key in ("loss", "running_accuracy", "learning_rate")}
            for quantity in plan(run)["quantities"]:
                values |= {f"{quantity}/{tensor}": value for tensor, value in row[quantity].items()}
        elif row["kind"] == "test":
            step, values = row["epoch"] * updates, {
                "test/loss": row["loss"], "test/accuracy": 100 * row["correct"] / row["total"]}
        else:
            step, values = row["updates"], {}
            for reference, spectrum in row["spectra"].items():
                names = {"rank": "rank", "smallest_above_tolerance": "smallest_above",
                         "largest_below_tolerance": "largest_below", "stable_rank": "stable_rank",
                         "effective_rank": "effective_rank"}
                found = {name: spectrum.get(key) for name, key in names.items()}
                found["largest"] = spectrum["singular_values"][0]
                values |= {f"weight_spectrum/{reference}/{row['tensor']}/{name}": value
                           for name, value in found.items() if value is not None}
        for tag, value in values.items():
            curves[tag].append((step, single(value)))
    return dict(curves)


def plan(run):
    return json.loads((run / "plan.json").read_text())


def read(run, purges=True):
    return event_accumulator.EventAccumulator(
        str(run), event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE, purge_orphaned_data=purges).Reload()


def scalars(events):
    return {tag: [(event.step, event.value) for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def differences(run, purges=True):
    """The tags in which TensorBoard's values differ from the record, each with the number of differing points."""
    mine, found = expected(run), scalars(read(run, purges))
    return {tag: len(set(mine.get(tag, [])) ^ set(found.get(tag, []))) or "order or repetition"
            for tag in mine.keys() | found.keys() if mine.get(tag) != found.get(tag)}


def check_picture(run, event, row):
    """Checks the size of an image and the hue of every block."""
    picture = PIL.Image.open(io.BytesIO(event.encoded_image_string)).convert("RGB")
    picture.load()
    check(f"{run.name}: the image has the size stated in its event", picture.size == (event.width, event.height))
    blocks = row["map"]
    cell = 3 * max(2, 128 // max(blocks["rows"], blocks["columns"]))
    wrong = 0
    for index, value in enumerate(blocks["values"]):
        place = divmod(index, blocks["columns"])
        red, _, blue = picture.getpixel((9 + cell * place[1] + cell // 2, 72 + cell * place[0] + cell // 2))
        wrong += (red < blue) if value > 0 else (red > blue) if value < 0 else (red, blue) != (255, 255)
    check(f"{run.name}: every block has the color of its sign", wrong == 0, f"{wrong} wrong blocks")


def check_run(run):
    found = differences(run)
    for tag in expected(run):
        check(f"{run.name}: {tag} equals the record bit for bit in single precision", tag not in found, found.get(tag))
    check(f"{run.name}: no other curves", not found, found)
    events = read(run)
    for row in (row for row in rows(run) if row["kind"] == "snapshot"):
        pictures = [event for event in events.Images(f"weights/{row['tensor']}") if event.step == row["updates"]]
        check(f"{run.name}: one image after {row['updates']} updates", len(pictures) == 1, len(pictures))
        for event in pictures:
            check_picture(run, event, row)
        for reference, spectrum in row["spectra"].items():
            tag = f"weight_spectrum/{reference}/{row['tensor']}/log10_singular_values"
            tensors = [event for event in events.Tensors(tag) if event.step == row["updates"]]
            table = tensor_util.make_ndarray(tensors[0].tensor_proto)
            values = numpy.array(spectrum["singular_values"])
            powers = numpy.log10(numpy.maximum(values, 1e-12))
            counts = numpy.histogram(powers, numpy.append(table[:, 0], table[-1, 1]))[0]
            # Rounding of the logarithm may move a value across the edge of its interval.
            check(f"{run.name}: {tag} counts the singular values",
                  table[:, 2].sum() == len(values) and numpy.abs(counts - table[:, 2]).sum() <= 2)


def train(out, *options):
    return [ZEROLAB, "train", "--init", "Partial_Identity", "--width", "128", "--batch-size", "300", "--log-interval",
            "1", "--snapshots", "5", "--name", "run", "--out", str(out), *options]


def interrupt_and_resume(out, sent):
    """A run that was ended by a signal and then resumed, and its event files."""
    options = train(out, "--checkpoint-every", "0.3", "--epochs", "2")
    run = out / "run"
    process = subprocess.Popen(options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (
            (run / "checkpoint.safetensors").exists() and len(rows_so_far(run)) > 230):
        time.sleep(0.005)
    process.send_signal(sent)
    check(f"{sent.name}: the run was interrupted", process.wait() != 0)
    subprocess.run(options, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return run, sorted(run.glob("events.out.tfevents.*"))


def rows_so_far(run):
    return (run / "metrics.jsonl").read_bytes().splitlines() if (run / "metrics.jsonl").exists() else []


def check_resumed(work):
    for sent in (signal.SIGINT, signal.SIGKILL):
        run, files = interrupt_and_resume(work / sent.name, sent)
        check(f"{sent.name}: one file per session", len(files) == 2, files)
        check_run(run)
        check(f"{sent.name}: without purging, some steps would occur twice", differences(run, purges=False))
        ends = read(run).Tensors("_hparams_/session_end_info")
        check(f"{sent.name}: the run has one end", len(ends) == 1)
    return [work / sent.name / "run" for sent in (signal.SIGINT, signal.SIGKILL)]


def check_series(work):
    """The event file of a series of checkpoints equals ranks.jsonl, and TensorBoard's reader continues in a longer one."""
    draw = numpy.random.default_rng(3)
    weights = {f"h.{layer}.weight": draw.normal(size=(12, 8)) for layer in range(3)}
    folder, out = work / "steps", work / "ranks"
    folder.mkdir()

    def save(step):
        header, data = {}, b""
        for name, weight in weights.items():
            weight += numpy.outer(draw.normal(size=12), draw.normal(size=8))
            values = weight.astype("<f4").tobytes()
            header[name] = {"dtype": "F32", "shape": [12, 8], "data_offsets": [len(data), len(data) + len(values)]}
            data += values
        text = json.dumps(header).encode()
        (folder / f"step{step}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)

    events = None
    for steps in ((0, 1, 10), (100,)):
        for step in steps:
            save(step)
        subprocess.run([ZEROLAB, "rank", str(folder), "--over-steps", "--minus", "first", "--out", str(out), "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        events = events.Reload() if events else read(out / "tensorboard")
        curves = collections.defaultdict(list)
        lines = [json.loads(line) for line in (out / "ranks.jsonl").read_text().splitlines()]
        for row in lines:
            for key in ("rank", "effective_rank", "stable_rank", "frobenius_norm"):
                curves[f"{key}/{row['matrix']}"].append((row["step"], single(row[key])))
        found = scalars(events)
        check(f"series up to step {steps[-1]}: scalars equal ranks.jsonl",
              all(found.get(tag) == points for tag, points in curves.items()), sorted(found))


def check_damage(run, work):
    """The comparison must detect a single flipped bit, wherever it is."""
    for place in (3, 9, 14, 0.3, 0.6, 0.99):
        damaged = work / "damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(run, damaged)
        file = next(damaged.glob("events.out.tfevents.*"))
        contents = bytearray(file.read_bytes())
        place = int(place * len(contents)) if place < 1 else place
        contents[place] ^= 4
        file.write_bytes(contents)
        try:
            seen = bool(differences(damaged)) or "_hparams_/session_end_info" not in read(damaged).Tags()["tensors"]
        except Exception:  # any error of the reader counts as detection
            seen = True
        check(f"a bit flipped in byte {place} is detected", seen)


class Server:
    """TensorBoard's server, queried in the same way as by its page."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1", "--port", "0",
             "--reload_interval", "1"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.address = None
        for line in self.process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                self.address = found[0]
                break

    def ask(self, path, body=None, **query):
        url = self.address + "data/plugin/" + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def groups(self):
        return self.ask("hparams/session_groups", {
            "experimentName": "", "allowedStatuses": ["STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING",
                                                      "STATUS_UNKNOWN"],
            "colParams": [], "startIndex": 0, "sliceSize": 1000}).get("sessionGroups", [])

    def close(self):
        self.process.terminate()
        self.process.wait()


def hyperparameter(value):
    """A value of plan.json as the event files contain it: numbers as numbers, anything else as text."""
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return value


def check_hyperparameters(server, sweep):
    end = time.monotonic() + 60
    groups = []
    while time.monotonic() < end and sum(
            session["status"] == "STATUS_SUCCESS" for group in groups for session in group["sessions"]) < RUNS:
        time.sleep(0.5)
        groups = server.groups()
    runs = {f"sweep/runs/{run.name}": run for run in sweep}
    sessions = [session for group in groups for session in group["sessions"]]
    check("hparams: every run is a session that ended successfully",
          sorted(session["name"] for session in sessions) == sorted(runs)
          and all(session["status"] == "STATUS_SUCCESS" for session in sessions), groups)
    check("hparams: repetitions form one group", len(groups) == GROUPS, [group["name"] for group in groups])
    names = {"init", "data", "width", "depth", "epochs", "batch_size", "test_batch_size", "learning_rate", "gamma",
             "step_size", "measure_every", "bias", "ties", "init_rules", "model", "activation", "norm", "residual",
             "optimizer", "momentum", "nesterov", "weight_decay", "clip", "schedule", "warmup", "label_smoothing",
             "classes", "train_images", "test_images", "normalize", "augment", "blocks", "widths"}
    infos = {info["name"]: info for info in server.ask("hparams/experiment", {"experimentName": ""})["hparamInfos"]}
    check("hparams: the columns are the plan's keys", infos.keys() == names, infos.keys())
    check("hparams: settings that differ are marked", {name for name, info in infos.items() if info["differs"]}
          == {"init", "width", "depth"})
    check("hparams: strings are strings", sorted(infos["init"]["domainDiscrete"]) == ["OnE", "Random", "ZerO"])
    metrics = [info["name"]["tag"] for info in server.ask("hparams/experiment", {"experimentName": ""})["metricInfos"]]
    for session in sessions:
        run = runs[session["name"]]
        last = {tag: points[-1] for tag, points in expected(run).items()}
        check(f"hparams: {run.name} has the last values of its curves as metrics",
              {value["name"]["tag"]: (value["trainingStep"], value["value"]) for value in session["metricValues"]}
              == last and last.keys() <= set(metrics))
    for group in groups:
        of = plan(runs[group["sessions"][0]["name"]])
        check(f"hparams: {group['name']} has its plan's values",
              group["hparams"] == {name: hyperparameter(of.get(name)) for name in names}, group["hparams"])


def check_served(server, folder, runs):
    """Compares the scalars that the server returns; its fast reader purges steps in its own way."""
    for run in runs:
        name = str(run.relative_to(folder))
        for tag, points in expected(run).items():
            served = []
            end = time.monotonic() + 20
            while served != points and time.monotonic() < end:
                try:
                    served = [(step, value) for _, step, value in server.ask("scalars/scalars", run=name, tag=tag)]
                except urllib.error.HTTPError:
                    time.sleep(0.5)
                else:
                    break
            check(f"served: {name} {tag}", served == points)
    pages = server.ask("images/tags")
    check("served: images of every run", set(pages) >= {str(run.relative_to(folder)) for run in runs})


def main():
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # no warnings about the deliberately damaged files
    work = pathlib.Path(tempfile.mkdtemp(prefix="zerolab-tensorboard-"))
    (work / "sweep.yaml").write_text(SWEEP)
    results = work / "results"
    subprocess.run([ZEROLAB, "run", str(work / "sweep.yaml"), "--out", str(results), "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    sweep = sorted((results / "sweep" / "runs").iterdir())
    check("the experiment has all its runs", len(sweep) == RUNS, sweep)
    for run in sweep:
        check_run(run)
    check_series(work)
    check_damage(sweep[0], work)
    server = Server(results)
    try:
        check_hyperparameters(server, sweep)
        check_served(server, results, sweep[:2])
    finally:
        server.close()
    resumed = check_resumed(work)
    server = Server(work)
    try:
        check_served(server, work, resumed)
    finally:
        server.close()
    if not SHORT:
        subprocess.run([ZEROLAB, "run", "figure_3_left", "--epochs", "1", "--out", str(work / "figure"), "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        for run in sorted((work / "figure" / "figure_3_left" / "runs").iterdir()):
            check_run(run)
    if not failures:
        shutil.rmtree(work)
    print(f"{checks} checks, {failures} failed" + (f"; see {work}" if failures else ""))
    sys.exit(failures > 0)


main()
