"""Shows the ranks along a series of checkpoints with zerolab."""

import json
import subprocess
import sys
from pathlib import Path

# The zerolab program: the first argument, or the one on the search path.
ZEROLAB = sys.argv[1] if len(sys.argv) > 1 else "zerolab"


def show(folder, steps=(0, 25, 50, 75, 100)):
    """Prints the table of a series, and checks that it has these steps."""
    program = str(Path(ZEROLAB).resolve()) if "/" in ZEROLAB else ZEROLAB
    command = [program, "rank", str(folder), "--over-steps", "--minus", "first"]
    print("$", " ".join(["zerolab", *command[1:]]), flush=True)
    subprocess.run(command, check=True)
    lines = subprocess.run([*command, "--json", "--quiet"], check=True, capture_output=True, text=True).stdout
    found = sorted({json.loads(line)["step"] for line in lines.splitlines()})
    assert found == list(steps), found
