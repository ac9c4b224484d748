import os
import signal
import subprocess
import sys
import time

import numpy
import pytest

import zerolab
from zerolab import _program


def test_the_module_is_the_command_line():
    done = subprocess.run([sys.executable, "-m", "zerolab", "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip() == subprocess.run(
        [_program.path(), "--version"], capture_output=True, text=True).stdout.strip()
    wrong = subprocess.run([sys.executable, "-m", "zerolab", "rank", "none.pt"], capture_output=True, text=True)
    assert wrong.returncode == 74 and "none.pt" in wrong.stderr


def test_a_missing_program_and_a_missing_numpy_are_one_line(tmp_path):
    code = "import zerolab; zerolab.weight('ZerO', (2, 2))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env={**os.environ, "ZEROLAB_PROGRAM": str(tmp_path / "none")})
    assert done.stderr.splitlines()[-1].endswith("set ZEROLAB_PROGRAM to the program's path")
    (tmp_path / "numpy.py").write_text("raise ImportError('none')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])})
    assert done.stderr.splitlines()[-1] == "ImportError: zerolab needs NumPy for this function: pip install numpy"
    # The command line works without.
    done = subprocess.run([sys.executable, "-m", "zerolab", "--version"], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])})
    assert done.returncode == 0


def test_names_that_are_not_of_the_package():
    assert "rank" in dir(zerolab)
    with pytest.raises(AttributeError, match="no attribute 'rang'"):
        zerolab.rang


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_call_leaves_nothing_behind(kind, leftovers):
    code = ("import numpy, zerolab\n"
            "print('ready', flush=True)\n"
            "zerolab.rank(numpy.random.default_rng(0).standard_normal((6000, 6000)))\n")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env={**os.environ, "TMPDIR": str(leftovers)}) as process:
        process.stdout.readline()
        child = wait_for(lambda: children(process.pid))
        process.send_signal(kind)
        process.wait(timeout=60)
    wait_for(lambda: not any(map(is_running, child)))


def children(pid):
    """The processes that a process started and that run the program."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            with open(f"/proc/{entry}/cmdline") as file:
                command = file.read()
        except (OSError, IndexError):
            continue
        if entry.isdigit() and int(fields[1]) == pid and "--json" in command:
            found.append(int(entry))
    return found


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail("waited for a minute")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_no_harm(closed, tmp_path):
    code = f"import zerolab, numpy; open({str(tmp_path / 'rank')!r}, 'w').write(str(zerolab.rank(numpy.eye(3)).rank))"
    subprocess.run(["sh", "-c", f'"$0" -c "$1" {closed}', sys.executable, code], check=True)
    assert (tmp_path / "rank").read_text() == "3"


def test_the_environment_of_the_host_stays():
    before = dict(os.environ)
    zerolab.rank(numpy.eye(3))
    assert dict(os.environ) == before
