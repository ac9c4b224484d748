"""The command line, `python -m zerolab`."""
from __future__ import annotations

import os
import sys

from ._location import ZerolabError, path


def main() -> None:
    """Replaces this process by the program, so signals and exit codes are its own."""
    try:
        program = path()
        os.execv(program, ["zerolab", *sys.argv[1:]])
    except (ZerolabError, OSError) as error:
        sys.exit(f"zerolab: {error}")


if __name__ == "__main__":
    main()
