#!/usr/bin/env python3
"""Tests the screens of `run` and `watch` in tmux windows of many sizes.

    make test-terminal      (builds the program and calls this script)
    screens.py ZEROLAB [--short]

The script records every byte that the program writes and reads the screen many times per second. The exit code is 1 if a
check fails.
"""
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

ZEROLAB = str(pathlib.Path(sys.argv[1]).resolve())
SHORT = "--short" in sys.argv
WORK = pathlib.Path(tempfile.mkdtemp(prefix="zerolab-screens-"))
SOCKET = f"zerolab-screens-{os.getpid()}"
PROMPT = re.compile(r"exit (\d+)> *$")
EXPERIMENT = """\
name: screens
question: Is the display stable while three small networks are trained, in windows of any size?
data: images
training: {epochs: 60, batch_size: 20, learning_rate: 0.1}
runs: [{init: [ZerO, Random, Partial_Identity], width: 128}]
measure: {every: 25}
figure: {quantity: rank, tensor: l3.weight, label: "{init}"}
claims:
  - {runs: {init: Partial_Identity}, tensor: l3.weight, quantity: rank, at_most: input_dimension}
"""
# A frame moves the cursor up, overwrites each line and clears it behind its end, and clears the area below last. If the
# width of the window has changed, it clears the old lines first.
FRAME = re.compile(
    r"\r(?:\x1b\[\d+A(?:\x1b\[J)?)?((?:[^\x1b\r\n]|\x1b\[\d+m)*\x1b\[K\r\n)*\x1b\[J\x1b\[\?25h\Z")
CLEARED = re.compile(r"\x1b\[[123]J|\x1b\[H|\x1bc|\x1b\[\?1049|\x1b\[1?K(?!\r\n)")
COLOR = re.compile(r"\x1b\[\d+m")
failures = 0


def line(what, passed, detail=""):
    global failures
    failures += not passed
    print(f"{what:58} {'ok ' if passed else 'OUT'}  {'' if passed else detail}", flush=True)


def write_images(folder):
    """Writes images of five separable classes; the class is the position of the bright pixels modulo 5."""
    folder.mkdir()
    for prefix, count in (("train", 2000), ("t10k", 200)):
        labels = bytes(index % 5 for index in range(count))
        pixels = bytes(200 if pixel % 5 == index % 5 else (7 * index + pixel) % 40
                       for index in range(count) for pixel in range(100))
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, count, 10, 10) + pixels)
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, count) + labels)


def tmux(*arguments):
    return subprocess.run(["tmux", "-L", SOCKET, "-f", "/dev/null", *arguments], check=True, text=True,
                          capture_output=True).stdout


class Pane:
    """A shell in its own window, with recorded output."""
    count = 0

    def __init__(self, columns, rows, environment=""):
        Pane.count += 1
        self.name, self.columns, self.rows = f"w{Pane.count}", columns, rows
        self.stream_file = WORK / f"stream-{Pane.count}"
        tmux("new-session", "-d", "-s", self.name, "-x", str(columns), "-y", str(rows), "-c", str(WORK),
             f"exec env -u NO_COLOR {environment} PS1='exit $?> ' sh")
        self.stream_file.touch()
        tmux("pipe-pane", "-t", self.name, f"cat > {self.stream_file}")
        self.wait(self.at_prompt)
        self.screens = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        tmux("kill-session", "-t", self.name)

    def screen(self, history=False):
        text = tmux("capture-pane", "-p", "-t", self.name, *(["-S", "-"] if history else []))
        return [row.rstrip() for row in text.split("\n")]

    def at_prompt(self):
        rows = [row for row in self.screen() if row]
        found = PROMPT.search(rows[-1]) if rows else None
        return found and (int(found[1]),)

    def keys(self, *keys):
        tmux("send-keys", "-t", self.name, *keys)

    def start(self, command):
        # The shell clears the screen, so that earlier output cannot be mistaken for output of this command.
        before = len(self.frames())
        self.keys(f"clear; {command}", "Enter")
        self.wait(lambda: len(self.frames()) > before)

    def wait(self, condition, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        return None

    def finish(self):
        """Reads the screen until the prompt is back."""
        def look():
            self.screens.append(self.screen())
            return self.at_prompt()
        found = self.wait(look)
        return found[0] if found else None

    def settle(self):
        """Waits until all written output has arrived."""
        size = -1
        while size != len(self.stream()):
            size = len(self.stream())
            time.sleep(0.1)

    def stream(self):
        return self.stream_file.read_bytes().decode(errors="replace")

    def frames(self):
        return [part.split("\x1b[?2026l")[0].removeprefix("\x1b[?25l")
                for part in self.stream().split("\x1b[?2026h")[1:]]

    def cursor_is_visible(self):
        return tmux("display-message", "-p", "-t", self.name, "#{cursor_flag}").strip() == "1"


def is_bar(row):
    return re.search(r"\[#*-*\] +\d+%", row) is not None


def command(out, *options):
    return " ".join([ZEROLAB, "run", "screens.yaml", "--out", str(out), *options])


def check_frames(what, pane, widest, colored):
    frames = pane.frames()
    odd = [frame for frame in frames if not FRAME.match(frame)]
    line(f"{what}: every frame overwrites the previous one", len(frames) > 2 and not odd, repr(odd[:1]))
    # The `clear` at the beginning belongs to the shell.
    text = pane.stream().split("\x1b[?2026h", 1)[-1]
    line(f"{what}: no line is cleared before it is overwritten", not CLEARED.search(text), "a clear")
    rows = [row for frame in frames
            for row in re.sub(r"\x1b\[\??\d*[a-zA-Z]|\r", "", frame).split("\n")]
    longest = max(map(len, rows), default=0)
    line(f"{what}: no line is as wide as the window", longest < widest, f"{longest} of {widest}")
    line(f"{what}: colors are {'used' if colored else 'not used'}", bool(COLOR.search(pane.stream())) == colored)


def check_screens(what, pane):
    """The moving lines are visible in every screen while the command runs."""
    states = [any(is_bar(row) or re.search(r"\d+%", row) for row in screen) for screen in pane.screens]
    shown = states[:len(states) - states[::-1].index(True)] if True in states else []
    line(f"{what}: the moving lines are always visible", len(shown) > 2 and all(shown), f"{states}")


def check_end(what, pane, code, expected=0):
    text = "\n".join(pane.screen(history=True))
    # When a window becomes narrower, tmux itself moves lines into its history.
    rows = (text[text.find("done after"):] if "resized" in what else text).split("\n")
    line(f"{what}: exit code {expected}", code == expected, f"{code}")
    line(f"{what}: no moving line remains", not any(is_bar(row) or "images/s" in row for row in rows), text)
    line(f"{what}: the cursor is visible", pane.cursor_is_visible())
    return text


def check_summary(what, text, columns):
    joined = re.sub(r"\s+", " ", text)
    done = len(re.findall(r"done after", joined))
    line(f"{what}: table, verdict, one line per run", done == 3 and "Held: rank(l3.weight" in joined
         and re.search(r"init +n_h", text) is not None, text)
    line(f"{what}: nothing is wider than the window", max(map(len, text.split("\n"))) <= columns)


def run_in(columns, rows, environment="", colored=True):
    what = f"run, {columns} x {rows}" + (f", {environment}" if environment else "")
    with Pane(columns, rows, environment) as pane:
        pane.start(command(f"out-{pane.name}"))
        code = pane.finish()
        check_frames(what, pane, columns, colored)
        check_screens(what, pane)
        check_summary(what, check_end(what, pane, code), columns)


def resized():
    """The window is resized while the program is stopped, so the program never draws for an outdated size."""
    what = "run, window resized"
    with Pane(100, 24) as pane:
        pane.keys("set +m", "Enter")  # otherwise the shell would return to its prompt when the program stops
        pane.start("seq 9; " + command("out-resized", "--epochs 120"))  # a line above the moving lines
        shell, terminal = tmux("display-message", "-p", "-t", pane.name, "#{pane_pid} #{pane_tty}").split()
        for columns, rows in ((60, 20), (41, 12), (110, 30), (75, 8), (90, 24)):
            children = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
            for child in children:
                os.kill(int(child), signal.SIGSTOP)
            pane.settle()
            tmux("resize-window", "-t", pane.name, "-x", str(columns), "-y", str(rows))
            told = pane.wait(lambda: os.get_terminal_size(os.open(terminal, os.O_RDONLY | os.O_NOCTTY)).columns
                             == columns, 10)
            before = len(pane.frames())
            for child in children:
                os.kill(int(child), signal.SIGCONT)
            drawn = pane.wait(lambda: len(pane.frames()) > before + 1, 10)
            line(f"{what} to {columns} x {rows}: one moving block", told and drawn and
                 [sum(word in row for row in pane.screen()) for word in ("of 3 runs", "left")] == [1, 1],
                 "\n".join(pane.screen()))
            # The line above is neither overwritten nor joined with the moving lines.
            line(f"{what} to {columns} x {rows}: the line above is kept", pane.screen(history=True).count("9") == 1,
                 "\n".join(pane.screen(history=True)))
        code = pane.finish()
        text = check_end(what, pane, code)
        line(f"{what}: one line per run", len(re.findall("done after", text)) == 3, text)


def interrupted():
    what = "Ctrl-C"
    with Pane(80, 24) as pane:
        pane.start(command("out-interrupted"))
        pane.keys("C-c")
        text = check_end(what, pane, pane.finish(), 130)
        line(f"{what}: both messages are printed", "stopping after this update" in text and "without --fresh to resume" in text, text)
        pane.keys("echo usa''ble", "Enter")
        line(f"{what}: the prompt is usable", bool(pane.wait(lambda: "usable" in pane.screen(), 10)))
        # A second Ctrl-C ends the command at once.
        pane.start(command("out-interrupted", "--fresh", "--epochs", "50"))
        pane.keys("C-c", "C-c")
        code = pane.finish()
        line(f"{what} twice: exit code 130", code == 130, f"{code}")
        line(f"{what} twice: the cursor is visible", pane.cursor_is_visible())


def plain(options, environment):
    what = f"run {options}{environment}"
    with Pane(80, 24, environment) as pane:
        pane.keys(command(f"out-{pane.name}", options), "Enter")
        pane.wait(lambda: "Figures and records" in "\n".join(pane.screen()))
        code = pane.finish()
        # A dumb terminal has no colors; with --plain only the verdict is colored.
        text = pane.stream()
        moved = re.search(r"\x1b\[(?!\d*m)", text)
        line(f"{what}: no control characters", code == 0 and not moved, repr(moved))


def watched():
    what = "watch"
    with Pane(80, 24) as runner, Pane(80, 24) as pane:
        runner.start(command("out-watched", "--jobs 1", "--epochs 120"))
        pane.wait(lambda: list((WORK / "out-watched").rglob("plan.json")))
        pane.start(f"{ZEROLAB} watch out-watched")
        code = pane.finish()
        check_frames(what, pane, 80, True)
        check_screens(what, pane)
        text = check_end(what, pane, code)
        line(f"{what}: it prints the number of finished runs", "3 of 3 runs done" in text, text)
        runner.finish()
        pane.keys(f"clear; {ZEROLAB} watch --once out-watched", "Enter")
        pane.wait(lambda: "3 of 3 runs done" in pane.screen() and "last row" in "\n".join(pane.screen()))
        pane.finish()
        line("watch --once: one row per run", sum("100 %" in row for row in pane.screen()) == 3, "\n".join(pane.screen()))


def main():
    tmux("new-session", "-d", "-s", "first", "cat")  # the server ends with its last session
    write_images(WORK / "images")
    (WORK / "screens.yaml").write_text(EXPERIMENT)
    run_in(80, 24)
    if not SHORT:
        run_in(120, 30)
        run_in(20, 6)
    run_in(40, 10, "NO_COLOR=1", colored=False)
    resized()
    interrupted()
    watched()
    plain("--plain", "")
    if not SHORT:
        plain("", "TERM=dumb")
    print(f"\n{failures} failed" if failures else "\nall checks passed")


try:
    main()
finally:
    subprocess.run(["tmux", "-L", SOCKET, "kill-server"], check=False, capture_output=True)
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(1 if failures else 0)
