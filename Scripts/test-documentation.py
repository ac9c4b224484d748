#!/usr/bin/env python3
"""Runs the examples of README, guides, articles and comments, compares their output, and checks all links.

Usage: Scripts/test-documentation.py [--short] [FILE.md...], after `make build`. `--short` leaves out the examples of
SLOW. The label of a fenced block decides how it is checked:

- `sh`: commands that must succeed.
- `console`: after `$ ` a command that must succeed, then its output. In the output, … stands for any text, a line
  of its own for any lines, and ~124 for a number within a tenth of 124.
- `yaml` that begins with `# NAME.yaml`: a file. Any other YAML is an error.
- `swift`: a part of a file in `Snippets`, which the build has compiled. The file runs here, unless it needs
  arguments; a `console` block must run it then.
- `text`: not checked. `python`: must compile. `make`, `cluster`: not run; counted and listed.

The blocks of a document run in its order, in an empty folder of its own, with `zerolab` on the search path;
`swift run NAME` is the snippet of that name. Several documents run at a time. Every snippet must be run by some
document. A relative link must lead to a file, and its anchor to a heading.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SNIPPETS = ROOT / "Snippets"
LABELS = {"sh", "console", "yaml", "swift", "text", "python"}
NOT_RUN = {"make", "cluster"}
DOCUMENTS = [
    ROOT / "README.md", ROOT / "INSTALL.md", *sorted(ROOT.glob("Documentation/*.docc/*.md")),
    *sorted(ROOT.glob("Documentation/Guides/*.md")), *sorted(ROOT.glob("Documentation/Reference/*.md")),
    *sorted(ROOT.glob("Sources/*/*/*.docc/*.md")),
    *(path for path in sorted(ROOT.glob("Sources/**/*.swift")) if "```swift" in path.read_text())]

SLOW = [ROOT / "Documentation/Guides/TheFigureInOneMinute.md"]  # trains networks of n_h = 2048

snippets_run = set()


class Defect(Exception):
    """A defect of a document, described in words."""


def blocks(path):
    """Yields the fenced blocks of a document, or of a Swift file's comments: line, label, text."""
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
    """Returns the output of a command on both streams; raises when the command fails."""
    def snippet(match):
        snippets_run.add(match[1])
        return str(ROOT / ".build/debug" / match[1])

    path = f"{ROOT / '.build/debug'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", re.sub(r"\bswift run (\w+)", snippet, command)],
        cwd=folder, env={**os.environ, "PATH": path, "COLUMNS": "100"}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Defect(f"'{command.strip()}' ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def compare(command, expected, printed):
    """Compares the output of a command with the document."""
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
                # The width of a column depends on its longest entry.
                pattern += re.sub(r"(\\ )+", " +", re.escape(part))
    match = re.fullmatch(pattern, printed)
    if not match:
        raise Defect(f"'{command}' should print\n{expected}and printed\n{printed}")
    for documented, found in zip(numbers, match.groups()):
        if abs(float(found) - float(documented)) > 0.1 * abs(float(documented)):
            raise Defect(f"'{command}' should print about {documented} and printed {found}:\n{printed}")


def run_console(text, folder):
    """Runs the commands of a console block, one after the other."""
    for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, expected = re.fullmatch(r"((?:.*\\\n)*.*)\n((?:.*\n)*)", entry).groups()
        compare(command, expected, execute(command, folder))


def check_swift(text, folder):
    """Checks that Swift code is part of a snippet, and runs the snippet."""
    owners = [file for file in SNIPPETS.glob("*.swift") if text in file.read_text()]
    if not owners:
        raise Defect(f"no file in {SNIPPETS.name} contains this Swift code")
    for owner in owners:
        if "CommandLine.arguments" in owner.read_text():
            continue
        documented = "".join(value + "\n" for value in re.findall(r"print\(.*\)  // (.*)", text))
        printed = execute(f"swift run {owner.stem}", folder)
        if documented:
            compare(owner.stem, documented, printed)


def check_block(label, text, folder):
    """Runs a block, or checks it in another way, according to its label."""
    if label == "sh":
        execute(text, folder)
    elif label == "console":
        if not text.startswith("$ "):
            raise Defect("a console block begins with '$ ' and a command")
        run_console(text, folder)
    elif label == "yaml":
        name = re.match(r"# ([\w-]+\.yaml)\n", text)
        if not name:
            raise Defect("a YAML block begins with '# NAME.yaml', the name of its file")
        (folder / name[1]).write_text(text)
    elif label == "swift":
        check_swift(text, folder)
    elif label == "python":
        try:
            compile(text, "block", "exec")
        except SyntaxError as error:
            raise Defect(f"Python code with a syntax error: {error}") from None
    elif label not in LABELS:
        raise Defect(f"'{label}' is no label of a block; known are {', '.join(sorted(LABELS | NOT_RUN))}")


def check(path):
    """Runs a document; returns the number of blocks that ran, the other blocks, the seconds and the defect."""
    count, others, begin = 0, [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for line, label, text in blocks(path):
            place = f"{path.relative_to(ROOT)}:{line}"
            if label in NOT_RUN:
                others.append(f"{place} ({label}): {text.strip().splitlines()[0]} …")
                continue
            # Blocks without a label are formulas; a target's page and comments may have them.
            if not label and (path.suffix == ".swift" or path.name == f"{path.parent.stem}.md"):
                continue
            try:
                check_block(label, text, Path(folder))
            except Defect as defect:
                return count, others, time.monotonic() - begin, f"{place}: {defect}"
            count += label != "text"
    return count, others, time.monotonic() - begin, None


def prose(path):
    """Yields the lines of a document outside fenced blocks, with their numbers; inline code is left out."""
    is_code = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield number, re.sub(r"`[^`]*`", "", line)


def anchors(path):
    """Returns the anchors of a document's headings, as code hosts make them."""
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if heading := re.match(r"#+ (.*)", line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).replace("`", "")
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            found.append(slug if slug not in found else f"{slug}-{found.count(slug)}")
    return found


def link_defects():
    """Returns the dead links of all Markdown files, and directives of DocC outside its catalogs."""
    defects = []
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, text=True, capture_output=True)
    # Without git, as in a source archive, every page outside hidden folders is checked.
    paths = [ROOT / name for name in done.stdout.split()] if done.returncode == 0 else [
        path for path in ROOT.rglob("*.md") if "/." not in str(path)]
    for path in filter(Path.exists, paths):
        is_catalog = path.parent.suffix == ".docc"
        for number, line in prose(path):
            place = f"{path.relative_to(ROOT)}:{number}"
            if not is_catalog and re.search(r"<doc:|\]\(doc:|^\s*@[A-Z]\w*\s*[({]", line):
                defects.append(f"{place}: a link or directive of DocC, which a code host shows as it is")
            for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", line):
                if re.match(r"[a-z]+:", target) or is_catalog and "/" not in target:
                    continue
                file, _, anchor = target.partition("#")
                destination = (path.parent / file).resolve() if file else path
                if not destination.exists():
                    defects.append(f"{place}: no file '{file}'")
                elif anchor and destination.suffix == ".md" and anchor not in anchors(destination):
                    defects.append(f"{place}: no heading '#{anchor}' in {destination.name}")
    return defects


def main():
    defects = link_defects()
    names = sys.argv[1:]
    documents = [Path(name).resolve() for name in names if name != "--short"] or DOCUMENTS
    skipped_documents = SLOW if "--short" in names else []
    documents = [path for path in documents if path not in skipped_documents]
    total, others = 0, []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # The longest documents begin first.
        longest = sorted(documents, key=lambda path: -path.read_text().count("zerolab "))
        results = dict(zip(longest, pool.map(check, longest)))
    for path in documents:
        count, skipped, seconds, defect = results[path]
        total += count
        others += skipped
        if defect:
            defects.append(defect)
        elif count:
            print(f"{path.relative_to(ROOT)}: {count} examples in {seconds:.0f} s", flush=True)
    idle = {file.stem for file in SNIPPETS.glob("*.swift")} - snippets_run
    if idle and names in ([], ["--short"]):
        defects.append(f"snippets that no document runs: {', '.join(sorted(idle))}")
    if defects:
        sys.exit("\n".join(defects))
    print(f"{total} examples passed, and all links lead somewhere; examples that were not run:")
    for line in others + [f"{path.relative_to(ROOT)}, by --short" for path in skipped_documents]:
        print(f"  {line}")


main()
