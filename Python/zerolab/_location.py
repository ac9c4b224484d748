"""Where the program is. The command line imports nothing else, so it starts fast."""
from __future__ import annotations

import os


class ZerolabError(Exception):
    """An error of the program, in one line.

    `code` is the exit code: 64 for a wrong argument, 65 for invalid or damaged input, 71 for too little memory.
    """

    def __init__(self, message: str, code: int = 64) -> None:
        super().__init__(message)
        self.code = code


def path() -> str:
    """The path of the program: that of ZEROLAB_PROGRAM, or the one in this package."""
    chosen = os.environ.get("ZEROLAB_PROGRAM")
    program = chosen or os.path.join(os.path.dirname(__file__), "program", "bin", "zerolab")
    if not os.path.isfile(program):
        reason = "ZEROLAB_PROGRAM names no file" if chosen else "this package has no program"
        raise ZerolabError(f"{program}: {reason}; install the wheel, or set ZEROLAB_PROGRAM to the program's path", 74)
    return program
