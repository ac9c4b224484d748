#!/usr/bin/env python3
"""Runs an experiment on a private Slurm: it is submitted, disturbed, resubmitted and gathered.

    make test-slurm         (installs Slurm, builds the program and calls this script; needs root)
    slurm.py ZEROLAB [--short]

A private munged, slurmctld and slurmd listen only on this machine and end with the test. One task is killed and the
node is drained. In the end all records must be byte-identical to the records of a run without Slurm. The exit code is 1
if a check fails.
"""
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ZEROLAB = str(pathlib.Path(sys.argv[1]).resolve())
WORK = pathlib.Path(tempfile.mkdtemp(prefix="zerolab-slurm-"))
HOST = socket.gethostname().split(".")[0]
CORES = os.cpu_count()
RUNS = 8
EXPERIMENT = """\
name: spread
question: Are the results of a cluster those of one machine?
training: {epochs: 2, batch_size: 120, learning_rate: 0.1, bias: 0.01}
runs: [{init: [ZerO, Random], width: 64, learning_rate: [0.1, 0.2], repeat: 2}]
measure: {every: 20, quantities: [rank, rank_from_start]}
figure: {quantity: rank, tensor: l3.weight, label: "{init}, lr {learning_rate}"}
claims: [{runs: {init: ZerO}, tensor: l3.weight, quantity: rank, at_most: input_dimension}]
"""
CONFIGURATION = f"""\
ClusterName=zerolab
SlurmctldHost={HOST}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthInfo=socket={WORK}/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SchedulerParameters=bf_interval=1,sched_interval=1
StateSaveLocation={WORK}/state
SlurmdSpoolDir={WORK}/spool
SlurmctldPidFile={WORK}/slurmctld.pid
SlurmdPidFile={WORK}/slurmd.pid
SlurmctldLogFile={WORK}/slurmctld.log
SlurmdLogFile={WORK}/slurmd.log
NodeName={HOST} NodeAddr=127.0.0.1 CPUs={CORES} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
os.environ["SLURM_CONF"] = str(WORK / "slurm.conf")
failures = 0


def line(what, passed, detail=""):
    global failures
    failures += not passed
    print(f"{what:58} {'ok ' if passed else 'OUT'}  {detail}", flush=True)


def call(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def wait(condition, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def queue():
    return call("squeue", "--noheader", "--format=%T")[1].split()


class Slurm:
    def __enter__(self):
        (WORK / "slurm.conf").write_text(CONFIGURATION)
        for folder in ("state", "spool"):
            (WORK / folder).mkdir()
        key = WORK / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        subprocess.run(["munged", "--force", f"--socket={WORK}/munge.socket", f"--key-file={key}",
                        f"--pid-file={WORK}/munge.pid", f"--log-file={WORK}/munge.log",
                        f"--seed-file={WORK}/munge.seed"], check=True)
        subprocess.run(["slurmctld", "-f", WORK / "slurm.conf"], check=True)
        subprocess.run(["slurmd", "-f", WORK / "slurm.conf"], check=True)
        if not wait(lambda: call("sinfo", "--noheader", "--format=%T")[1] == "idle", 30):
            sys.exit("Slurm does not start:\n" + (WORK / "slurmctld.log").read_text()[-2000:])
        return self

    def __exit__(self, *error):
        call("scancel", "--user=root")
        call("scontrol", "shutdown")
        time.sleep(1)
        call("munged", "--stop", f"--socket={WORK}/munge.socket")


def submit(out, *options):
    return call(ZEROLAB, "run", WORK / "spread.yaml", "--out", out, "--engine", "slurm", "--partition", "main",
                "--time", "10", "--checkpoint-every", "0.2", "--save-models", "--sbatch=--export=ALL", *options)


def results(out):
    folder = pathlib.Path(out) / "spread"
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.rglob("*"))
            if file.name in ("plan.json", "metrics.jsonl", "model.safetensors")
            or file.suffix in (".png", ".svg", ".pdf")}


def statuses(out):
    return sorted(json.loads(file.read_text())["status"] for file in pathlib.Path(out).rglob("status.json"))


def task_processes():
    """The process number of each running task."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"--task" in words and words[0].endswith(b"zerolab"):
                found[int(words[words.index(b"--task") + 1])] = int(folder.name)
        except (OSError, ValueError):
            pass
    return found


def on_slurm(reference):
    out = WORK / "shared"
    code, text, errors = submit(out, "--array-limit", str(CORES))
    line(f"{RUNS} runs submitted as one array", code == 0 and f"{RUNS} of {RUNS} runs to do" in text,
         (text or errors).splitlines()[0])
    job = json.loads((out / "spread/slurm/submission.json").read_text())["job"]
    code, _, errors = submit(out)
    line("a second submission is refused meanwhile", code == 1 and f"queued or running as job {job}" in errors, errors[-60:])

    line("tasks start", wait(lambda: len(task_processes()) > 0 and any(out.rglob("checkpoint.safetensors"))))
    killed, process = next(iter(task_processes().items()), (None, None))
    os.kill(process, signal.SIGKILL)
    line("one task is killed", killed is not None, f"task {killed}")
    call("scontrol", "update", f"NodeName={HOST}", "State=DRAIN", "Reason=test")
    drained = wait(lambda: "RUNNING" not in queue() and "COMPLETING" not in queue())
    waiting = len(queue())
    line("node drained: running tasks end, the others wait", drained and waiting > 0 and not task_processes(),
         f"{waiting} lines in the queue, {statuses(out).count('done')} runs done")
    call("scontrol", "update", f"NodeName={HOST}", "State=RESUME")
    line("node resumed: the queue becomes empty", wait(lambda: not queue(), 300), f"{statuses(out).count('done')} runs done")

    log = out / f"spread/slurm/{job}_{killed}.log"
    gathered = (out / "spread/slurm/gather.log").read_text()
    line("the gathering job names the killed run and its log", f"{job}_{killed}.log" in gathered and log.exists()
         and "was interrupted" in gathered, next((row for row in gathered.splitlines() if "was interrupted" in row), "")[-60:])
    code, text, errors = submit(out)
    line("resubmitted: only the unfinished run", code == 0 and f"1 of {RUNS} runs to do, in one task" in text
         and f"{job}_{killed}.log" in errors, text.splitlines()[0] if text else errors)
    wait(lambda: not queue(), 300)
    line("all records, weights and figures are identical", statuses(out) == ["done"] * RUNS
         and results(out) == results(reference), f"{len(results(out))} files")
    gathered = (out / "spread/slurm/gather.log").read_text()
    line("the last gathering job prints the verdict", "Held: " in gathered, "")
    code, text, _ = submit(out)
    line("resubmitted: nothing to do", code == 0 and "every run is done" in text, text[:60])


def interrupted_task(reference):
    """A task receives scancel's signal, as at a time limit."""
    out = WORK / "canceled"
    submit(out)
    job = json.loads((out / "spread/slurm/submission.json").read_text())["job"]
    wait(lambda: any(out.rglob("checkpoint.safetensors")))
    call("scancel", "--batch", "--signal=TERM", f"{job}_0")
    wait(lambda: not queue(), 300)
    words = statuses(out)
    line("a task that receives SIGTERM writes a checkpoint", words.count("interrupted") == 1
         and words.count("done") == RUNS - 1, f"{words.count('done')} done, {words.count('interrupted')} interrupted")
    submit(out)
    wait(lambda: not queue(), 300)
    line("  and resumes when it is resubmitted", results(out) == results(reference), "bit-identical")


def several_runs_per_task(reference):
    out = WORK / "packed"
    code, text, _ = submit(out, "--runs-per-task", "3")
    wait(lambda: not queue(), 300)
    line("three runs per task", code == 0 and "in 3 tasks" in text and results(out) == results(reference),
         text.splitlines()[0])


def indexed_job(reference):
    """An indexed job as on Kubernetes: each index once, in any order, on any node."""
    out = WORK / "indexed"
    codes = []
    for index in reversed(range(RUNS)):
        environment = {**os.environ, "JOB_COMPLETION_INDEX": str(index)}
        codes.append(subprocess.run(
            [ZEROLAB, "run", str(WORK / "spread.yaml"), "--out", str(out), "--save-models"],
            env=environment, capture_output=True, check=False).returncode)
    code, _, _ = call(ZEROLAB, "run", WORK / "spread.yaml", "--out", out, "--gather")
    line("an indexed job, index by index", codes == [0] * RUNS and code == 0 and results(out) == results(reference),
         f"{RUNS} indices, then --gather")


def main():
    (WORK / "spread.yaml").write_text(EXPERIMENT)
    reference = WORK / "reference"
    code, _, errors = call(ZEROLAB, "run", WORK / "spread.yaml", "--out", reference, "--save-models", "--quiet")
    if code:
        sys.exit(f"the experiment fails without Slurm: {errors}")
    indexed_job(reference)
    with Slurm():
        print(call("sinfo", "--version")[1], f"with one node of {CORES} cores")
        on_slurm(reference)
        if "--short" not in sys.argv:
            interrupted_task(reference)
            several_runs_per_task(reference)
    print(f"\n{failures} failed" if failures else "\nall checks passed")


if os.geteuid() != 0:
    sys.exit("a private Slurm needs root; run the script as root")
try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(1 if failures else 0)
