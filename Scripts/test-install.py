#!/usr/bin/env python3
"""Installs the program into a temporary folder, uses it, and uninstalls it.

Usage: Scripts/test-install.py, after `make release`; needs bash, zsh, fish and groff.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command, cwd=ROOT, text=None, **environment):
    """The output of a command, which must succeed and print nothing on standard error."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, input=text, capture_output=True, text=True,
        env={**os.environ, **environment})
    if done.returncode != 0 or done.stderr:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make(target, destination, prefix):
    """Installs or uninstalls through make."""
    done = subprocess.run(
        ["make", "--silent", target, f"DESTDIR={destination}", f"PREFIX={prefix}"], cwd=ROOT,
        capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"make {target} ended with {done.returncode}\n{done.stdout}{done.stderr}")


def check(condition, what):
    """Ends the script with a message if a condition is not satisfied."""
    if not condition:
        sys.exit(what)


def files(folder):
    """Every path below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def check_program(program, folder):
    """The program finds its data from any folder."""
    sets = run(program, "data", "list", cwd=folder)
    check("share/zerolab/ZerOLab_ZerODatasets.resources/MNIST" in sets, f"the installed data set is not listed:\n{sets}")
    runs = run(program, "run", "figure_3_left", "--list", cwd=folder)
    check("4 of 4 runs to do" in runs, f"the built-in experiment is not found:\n{runs}")
    trained = run(
        program, "train", "--init", "ZerO", "--width", "8", "--name", program.name, cwd=folder)
    check("rank of l3.weight" in trained, f"training on MNIST printed no rank:\n{trained}")


def bash_words(script, program, line, folder):
    """The completions of bash at the end of a command line."""
    words = line.split(" ")
    lines = [
        f"source '{script}'",
        "COMP_WORDS=(" + " ".join(f"'{word}'" for word in words) + ")",
        f"COMP_CWORD={len(words) - 1} COMP_LINE='{line}' COMP_POINT={len(line)} COMP_TYPE=9",
        # Arguments as in bash: the command, the word at the cursor, the previous word.
        f"_zerolab zerolab '{words[-1]}' '{words[-2]}'",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    path = f"{program.parent}:{os.environ['PATH']}"
    return run("bash", "-c", "\n".join(lines), cwd=folder, PATH=path).split()


def check_completions(share, program, folder):
    """Every shell accepts its script, and bash completes the program's words."""
    bash = share / "bash-completion/completions/zerolab"
    run("bash", "-n", bash)
    run("zsh", "-n", share / "zsh/site-functions/_zerolab")
    run("fish", "--no-execute", share / "fish/vendor_completions.d/zerolab.fish")

    (folder / "mine.yaml").touch()
    (folder / "notes.txt").touch()
    (folder / "images").mkdir()
    initializers = {"ZerO", "Partial_Identity", "OnE", "Spray", "Random"}
    for line, expected, unexpected in [
        ("zerolab tr", {"train"}, {"run"}),
        ("zerolab train --init ", initializers, {"mnist"}),
        ("zerolab train --init Par", {"Partial_Identity"}, {"ZerO"}),
        ("zerolab init --init Z", {"ZerO", "ZerO_Paper_Scale"}, {"OnE"}),
        ("zerolab train --measure ", {"rank", "rank_from_start"}, set()),
        ("zerolab train --data ", {"mnist", "fashion-mnist", "cifar-10", "images"}, {"mine.yaml", "notes.txt"}),
        ("zerolab run ", {"figure_3_left", "mine.yaml", "images"}, {"notes.txt"}),
        ("zerolab run --engine ", {"local", "slurm"}, set()),
        ("zerolab data fetch ", {"mnist", "fashion-mnist", "cifar-10", "cifar-100"}, {"images"}),
    ]:
        words = set(bash_words(bash, program, line, folder))
        check(expected <= words and not unexpected & words,
              f"'{line}' completes to {sorted(words)}; expected {sorted(expected)} "
              f"without {sorted(unexpected)}")


def check_manual(page):
    """The manual page is formatted without warnings and contains the commands."""
    # man calls groff but is often missing in containers. A warning on standard error ends the script.
    text = run("groff", "-mdoc", "-ww", "-P-cbou", "-T", "utf8", page)
    for word in ("zerolab", "run", "train", "--checkpoint-every", "--init"):
        check(word in text, f"the manual page does not contain {word}")


def main():
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        folder, prefix = home / "elsewhere", home / "stage/opt/zerolab"
        folder.mkdir()
        # A prefix with other files, which must remain.
        (prefix / "share/zerolab/mnist").mkdir(parents=True)
        (prefix / "bin").mkdir()
        (prefix / "bin/other").touch()
        before = files(prefix)

        make("install", home / "stage", "/opt/zerolab")
        make("install", home / "stage", "/opt/zerolab")  # over itself
        check_program(prefix / "bin/zerolab", folder)
        link = home / "link"
        link.symlink_to(prefix / "bin/zerolab")
        check_program(link, folder)
        check_completions(prefix / "share", prefix / "bin/zerolab", folder)
        check_manual(prefix / "share/man/man1/zerolab.1")

        make("uninstall", home / "stage", "/opt/zerolab")
        check(files(prefix) == before, f"left after make uninstall: {set(files(prefix)) - set(before)}")
    print("installation, use from another folder and through a link, completions, manual page, removal: all passed")


main()
