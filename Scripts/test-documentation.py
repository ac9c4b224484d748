#!/usr/bin/env python3
"""Runs the examples of README, articles and comments, and compares what they print with what they say.

Usage: Scripts/test-documentation.py [FILE.md...], after `make build release`. What a fenced block's label says:

- `sh`: commands that must succeed.
- `console`: after `$ ` a command that must succeed, and then what it prints. In that … stands for anything,
  a line of its own for any lines, and ~124 for a number within a tenth of 124.
- `yaml` that begins with `# NAME.yaml`: a file. Any other YAML is an error.
- `swift`: a part of a file in `Snippets`, which the build has compiled and which runs here.
- `text`: for reading. `make`, `cluster`: commands that are not run here; they are counted and listed.

The blocks of a document run in its order, in an empty folder of its own, with `zerolab` on the search path;
`swift run NAME` is the snippet of that name. Every snippet has to be run by some document.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SNIPPETS = ROOT / "Snippets"
LABELS = {"sh", "console", "yaml", "swift", "text"}
NOT_RUN = {"make", "cluster"}
DOCUMENTS = [
    ROOT / "README.md", *sorted(ROOT.glob("Documentation/*.docc/*.md")),
    *sorted(ROOT.glob("Sources/*/*/*.docc/*.md")),
    *(path for path in sorted(ROOT.glob("Sources/**/*.swift")) if "```swift" in path.read_text())]

snippets_run = set()


class Defect(Exception):
    """What is wrong with an example, in words."""


def blocks(path):
    """The fenced blocks of a document, or of a Swift file's comments: line, label, text."""
    is_swift = path.suffix == ".swift"
    line, label, text = 0, None, []
    for number, row in enumerate(path.read_text().splitlines(), 1):
        row = re.sub(r"^ *///? ?", "", row) if is_swift else row
        fence = re.match(r"```(.*)", row)
        if fence and label is None:
            line, label, text = number, fence[1].strip(), []
        elif fence:
            yield line, label, "\n".join(text) + "\n"
            label = None
        elif label is not None:
            text.append(row)


def execute(command, folder):
    """What a command prints, on both streams; raises when it fails."""
    def snippet(match):
        snippets_run.add(match[1])
        return str(ROOT / ".build/debug" / match[1])

    path = f"{ROOT / '.build/release'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", re.sub(r"\bswift run (\w+)", snippet, command)],
        cwd=folder, env={**os.environ, "PATH": path, "COLUMNS": "100"}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Defect(f"'{command.strip()}' ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def compare(command, expected, printed):
    """Holds what was printed against what the document says."""
    pattern, numbers = "", []
    for line in expected.splitlines(keepends=True):
        if line == "…\n":
            pattern += r"(?:.*\n)*?"
            continue
        for part in re.split(r"(…|~[0-9][0-9.e+-]*)", line):
            if part == "…":
                pattern += ".*?"
            elif part.startswith("~"):
                pattern += r"([-+0-9.e]+)"
                numbers.append(part[1:])
            else:
                # Columns move with the width of what is in them.
                pattern += re.sub(r"(\\ )+", " +", re.escape(part))
    match = re.fullmatch(pattern, printed)
    if not match:
        raise Defect(f"'{command}' should print\n{expected}and printed\n{printed}")
    for said, found in zip(numbers, match.groups()):
        if abs(float(found) - float(said)) > 0.1 * abs(float(said)):
            raise Defect(f"'{command}' should print about {said} and printed {found}:\n{printed}")


def run_console(text, folder):
    """Runs the commands of a console block, one after the other."""
    for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, expected = re.fullmatch(r"((?:.*\\\n)*.*)\n((?:.*\n)*)", entry).groups()
        compare(command, expected, execute(command, folder))


def check_block(label, text, folder):
    """Runs a block, or checks it in the way that its label says."""
    if label == "sh":
        execute(text, folder)
    elif label == "console":
        if not text.startswith("$ "):
            raise Defect("a console block begins with '$ ' and a command")
        run_console(text, folder)
    elif label == "yaml":
        name = re.match(r"# ([\w-]+\.yaml)\n", text)
        if not name:
            raise Defect("a YAML block begins with '# NAME.yaml', the file that it is")
        (folder / name[1]).write_text(text)
    elif label == "swift":
        owners = [file.stem for file in SNIPPETS.glob("*.swift") if text in file.read_text()]
        if not owners:
            raise Defect(f"Swift code that is in no file of {SNIPPETS.name}")
        for owner in owners:
            said = "".join(value + "\n" for value in re.findall(r"print\(.*\)  // (.*)", text))
            compare(owner, said, execute(f"swift run {owner}", folder))
    elif label not in LABELS:
        raise Defect(f"no block is called '{label}'; known are {', '.join(sorted(LABELS | NOT_RUN))}")


def check(path):
    """Runs a document; returns how many blocks ran, and the others' lines."""
    count, others = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for line, label, text in blocks(path):
            place = f"{path.relative_to(ROOT)}:{line}"
            if label in NOT_RUN:
                others.append(f"{place} ({label}): {text.strip().splitlines()[0]} …")
                continue
            # Without a label a target's page, or a comment, has formulas.
            if not label and (path.suffix == ".swift" or path.name == f"{path.parent.stem}.md"):
                continue
            try:
                check_block(label, text, Path(folder))
            except Defect as defect:
                sys.exit(f"{place}: {defect}")
            count += label != "text"
    return count, others


def main():
    documents = [Path(name).resolve() for name in sys.argv[1:]] or DOCUMENTS
    total, others = 0, []
    for path in documents:
        count, skipped = check(path)
        total += count
        others += skipped
        if count:
            print(f"{path.relative_to(ROOT)}: {count} examples", flush=True)
    idle = {file.stem for file in SNIPPETS.glob("*.swift")} - snippets_run
    if idle and not sys.argv[1:]:
        sys.exit(f"in {SNIPPETS.name}, and run by no document: {', '.join(sorted(idle))}")
    print(f"{total} examples did what they say; not run here:")
    for line in others:
        print(f"  {line}")


main()
