"""The program `zerolab`: where it is, and calls of it."""
from __future__ import annotations

import dataclasses
import fcntl
import os
import re
import subprocess
import tempfile
import warnings
from typing import IO, Mapping, Sequence

from ._location import ZerolabError, path


def file_in_memory(name: str) -> IO[bytes]:
    """A file without a name in any folder, so nothing is left behind if a process is killed."""
    descriptor = os.memfd_create(name) if hasattr(os, "memfd_create") else os.dup(tempfile.TemporaryFile().fileno())
    # Numbers below 3 are free if a standard stream of this process is closed, but are streams of the program.
    if descriptor < 3:
        descriptor, low = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3), descriptor
        os.close(low)
    return open(descriptor, "w+b")


def path_of(file: IO[bytes]) -> str:
    """The path of an open file for a process that inherits it."""
    return f"/dev/fd/{file.fileno()}"


@dataclasses.dataclass(frozen=True)
class Output:
    """What a call of the program printed."""

    text: str
    """The standard output, unless a file received it."""

    remarks: list[str]
    """Lines of standard error."""

    def warn(self) -> None:
        """Makes the remarks warnings of the function that the user called."""
        for remark in self.remarks:
            warnings.warn(remark, stacklevel=3)


def run(
    arguments: Sequence[str | os.PathLike[str]], *, files: Mapping[str, IO[bytes]] | None = None,
    output: IO[bytes] | None = None, accepted: Sequence[int] = (0,),
) -> Output:
    """Runs the program to its end; it also ends soon after this process.

    Parameters:
        arguments: The arguments.
        files: Open files that it inherits, by the names that replace their paths in its texts.
        output: Receives the standard output; None to return it as text.
        accepted: Exit codes that are no errors.

    Raises:
        ZerolabError: For another exit code.
    """
    named = files or {}
    for file in named.values():
        file.flush()
    try:
        done = subprocess.run(
            [path(), *(os.fspath(argument) for argument in arguments)], stdin=subprocess.DEVNULL,
            stdout=output or subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[file.fileno() for file in named.values()],
            env={**os.environ, "ZEROLAB_PARENT": str(os.getpid())}, check=False)
    except OSError as error:
        raise ZerolabError(f"{path()}: {error.strerror}", 74) from None
    errors = done.stderr.decode(errors="replace")
    text = "" if output else done.stdout.decode()
    for name, file in named.items():
        # The path means nothing to the user. A number that begins with another one must stay.
        pattern = re.escape(path_of(file)) + r"(?!\d)"
        errors, text = re.sub(pattern, name, errors), re.sub(pattern, name, text)
    lines = [line.removeprefix("zerolab: ").removeprefix("note: ") for line in errors.splitlines() if line.strip()]
    if done.returncode not in accepted:
        raise ZerolabError(_error(lines, done.returncode), done.returncode)
    return Output(text, lines)


def patterns(options: Mapping[str, Sequence[str]]) -> list[str]:
    """Arguments for options that take patterns of names."""
    for option, texts in options.items():
        if isinstance(texts, str):
            raise TypeError(f"{option} must be a list of patterns, such as ['{texts}']")
    return [f"--{option}={text}" for option, texts in options.items() for text in texts]


def _error(lines: list[str], code: int) -> str:
    """The error among the lines of standard error; a usage text follows that of a wrong option."""
    for line in lines:
        if line.startswith("Error: "):
            return line.removeprefix("Error: ")
    if code < 0:
        return f"the program was ended by signal {-code}"
    return " ".join(lines) or f"the program ended with exit code {code}"
