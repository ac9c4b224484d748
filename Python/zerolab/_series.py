"""Ranks of the checkpoints of a training run, over steps."""
from __future__ import annotations

import base64
import html
import json
import os
import pathlib
from typing import Any, Iterator, Sequence

from . import _program
from ._location import ZerolabError


class Series:
    """The ranks of every matrix in every checkpoint of a training run.

    The results are kept in a folder: a second call computes only new checkpoints. The folder also contains figures, a page,
    and a table.

    Parameters:
        run: The folder of the run, or a list of checkpoints.
        minus: Subtracted from each weight: "first" for the first checkpoint, "identity", the name of a deterministic
            initializer, the path of a checkpoint, or None.
        out: The folder of the results.
        select, skip: Patterns of names of matrices.
        quantities: The quantities in the figures, such as ["rank", "stable_rank"]; by default effective rank, stable rank and
            energy rank 90 %. `curve` returns any of them.
        group: Patterns of matrices that are drawn as one curve.
        steps: The steps of the checkpoints, if their names don't tell them.
        tol, rtol, key: As the options of `zerolab rank`.

    Raises:
        ZerolabError: If no checkpoint is found, or the steps can't be told. A checkpoint that can't be read is skipped with a
            warning.
    """

    rows: list[dict[str, Any]]
    """One row per matrix and step, ordered by step: `step`, `matrix`, `rank`, `effective_rank`, `singular_values` and more."""

    folder: pathlib.Path
    """The folder of the results."""

    def __init__(
        self, run: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], *, minus: str | os.PathLike[str] | None = "first",
        out: str | os.PathLike[str], select: Sequence[str] = (), skip: Sequence[str] = (), steps: Sequence[int] | None = None,
        quantities: Sequence[str] = (), group: Sequence[str] = (),
        tol: float | str | None = None, rtol: float | None = None, key: str | None = None,
    ) -> None:
        paths = [run] if isinstance(run, (str, os.PathLike)) else list(run)
        if not paths:
            raise ZerolabError("no checkpoint is given")
        if minus is not None and not isinstance(minus, (str, os.PathLike)):
            raise TypeError(f"minus must be 'first', a name or a path, not {type(minus).__name__}")
        arguments = ["rank", "--over-steps", "--json", "--quiet", f"--out={os.fspath(out)}"]
        arguments += [] if minus is None else [f"--minus={os.fspath(minus)}"]
        arguments += [] if steps is None else ["--steps=" + ",".join(map(str, steps))]
        for option, value in [("tol", tol), ("rtol", rtol), ("key", key)]:
            arguments += [] if value is None else [f"--{option}={value}"]
        arguments += _program.patterns({"select": select, "skip": skip, "quantity": quantities, "group": group})
        arguments += ["--", *(os.fspath(path) for path in paths)]
        output = _program.run(arguments, accepted=(0, 1))
        output.warn()
        self.folder = pathlib.Path(out)
        self.rows = [json.loads(line) for line in output.text.splitlines()]

    @property
    def matrices(self) -> list[str]:
        """The names of the matrices."""
        return list(dict.fromkeys(row["matrix"] for row in self.rows))

    def curve(self, matrix: str, quantity: str = "rank") -> tuple[list[int], list[float]]:
        """The steps and the values of a quantity of one matrix, such as rank, effective_rank or stable_rank."""
        rows = [row for row in self.rows if row["matrix"] == matrix and quantity in row]
        if not rows:
            raise KeyError(f"no row has {quantity} of {matrix}; the matrices are {', '.join(self.matrices)}")
        return [row["step"] for row in rows], [row[quantity] for row in rows]

    def __repr__(self) -> str:
        steps = sorted({row["step"] for row in self.rows})
        return f"ranks of {len(self.matrices)} matrices at {len(steps)} steps, {self.folder}"

    def _repr_html_(self) -> str:
        figures = sorted(self.folder.glob("*.png"))
        pictures = "".join(
            f'<img alt="{html.escape(figure.stem)}" style="max-width:100%" '
            f'src="data:image/png;base64,{base64.b64encode(figure.read_bytes()).decode()}">' for figure in figures)
        return f"<p>{html.escape(repr(self))}</p>{pictures}"
