"""The program `zerolab`: where it is, and calls of it."""
from __future__ import annotations

import dataclasses
import os
import subprocess
import tempfile
import warnings
from typing import IO, Sequence

from ._location import ZerolabError, path


def file_in_memory(name: str) -> IO[bytes]:
    """A file without a name in any folder, so nothing is left behind if a process is killed."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create(name), "w+b")
    return tempfile.TemporaryFile()


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
    arguments: Sequence[str | os.PathLike[str]], *, files: Sequence[IO[bytes]] = (), output: IO[bytes] | None = None,
    accepted: Sequence[int] = (0,),
) -> Output:
    """Runs the program to its end; it also ends soon after this process.

    Parameters:
        arguments: The arguments.
        files: Open files that it inherits.
        output: Receives the standard output; None to return it as text.
        accepted: Exit codes that are no errors.

    Raises:
        ZerolabError: For another exit code.
    """
    for file in files:
        file.flush()
    try:
        done = subprocess.run(
            [path(), *(os.fspath(argument) for argument in arguments)], stdin=subprocess.DEVNULL, stdout=output or subprocess.PIPE,
            stderr=subprocess.PIPE, pass_fds=[file.fileno() for file in files],
            env={**os.environ, "ZEROLAB_PARENT": str(os.getpid())}, check=False)
    except OSError as error:
        raise ZerolabError(f"{path()}: {error.strerror}", 74) from None
    text = done.stderr.decode(errors="replace")
    for file in files:
        # The path means nothing to the user.
        text = text.replace(path_of(file), "the tensors")
    lines = [line.removeprefix("zerolab: ").removeprefix("note: ") for line in text.splitlines() if line.strip()]
    if done.returncode not in accepted:
        raise ZerolabError(_error(lines, done.returncode), done.returncode)
    return Output("" if output else done.stdout.decode(), lines)


def _error(lines: list[str], code: int) -> str:
    """The error among the lines of standard error; a usage text follows that of a wrong option."""
    for line in lines:
        if line.startswith("Error: "):
            return line.removeprefix("Error: ")
    if code < 0:
        return f"the program was ended by signal {-code}"
    return " ".join(lines) or f"the program ended with exit code {code}"
