"""Ranks and spectra of arrays, models and checkpoints."""
from __future__ import annotations

import contextlib
import dataclasses
import html
import json
import math
import os
from typing import IO, TYPE_CHECKING, Any, Iterator, Mapping, Sequence, Union, overload

from . import _program, _tensors
from ._location import ZerolabError

# After the modules above, which explain a missing NumPy.
import numpy  # noqa: E402

if TYPE_CHECKING:
    import torch

#: What can be subtracted: "identity", the name of a deterministic initializer or the path of a checkpoint; or an array, a
#: state_dict or a module of the kind of the first argument.
Baseline = Union[str, "os.PathLike[str]", Mapping[str, Any], Any]


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Rank:
    """The rank of one matrix: the number of singular values above a tolerance."""

    name: str
    """The tensor's name; in a fused weight with its part, such as c_attn.weight[q]."""

    rank: int
    """The number of singular values above the tolerance."""

    rows: int
    columns: int

    tolerance: float
    """The tolerance, absolute."""

    smallest_above: float | None
    """The smallest singular value above the tolerance; None if the rank is 0."""

    largest_below: float | None
    """The largest other singular value; None if the rank is full."""

    singular_values: numpy.ndarray
    """All singular values, in descending order, min(rows, columns) of them."""

    quantities: dict[str, float]
    """Other quantities by name: effective_rank, stable_rank, energy_rank_90, spectral_norm and more."""

    @property
    def margin(self) -> float:
        """How far the singular values are from the tolerance: the smaller of smallest_above / tolerance and tolerance /
        largest_below. Near 1, rounding may decide the rank."""
        above = self.smallest_above / self.tolerance if self.smallest_above is not None and self.tolerance else float("inf")
        below = self.tolerance / self.largest_below if self.largest_below else float("inf")
        return min(above, below)

    @property
    def is_full(self) -> bool:
        """Whether the rank is min(rows, columns)."""
        return self.rank == min(self.rows, self.columns)

    def __int__(self) -> int:
        return self.rank

    def __repr__(self) -> str:
        text = (f"rank {self.rank} of {min(self.rows, self.columns)} ({self.rows} x {self.columns}), "
                f"tolerance {self.tolerance:.3g}, margin {self.margin:.3g}")
        if self.rank == 0 and self.singular_values.size and self.singular_values[0] > 0:
            text += f"; the largest singular value is {self.singular_values[0]:.3g}"
        return text

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{spectrum_picture([self])}"


class Ranks(Mapping[str, Rank]):
    """The ranks of a model's matrices by name, in the order of the model."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self._ranks = {entry["name"]: _rank(entry) for entry in report["tensors"] if entry["outcome"] == "matrix"}
        self.left_out: dict[str, str] = _reasons(report, "left_out")
        """Tensors without a rank, such as vectors, with the reason."""
        self.failed: dict[str, str] = _reasons(report, "failed")
        """Matrices whose rank could not be computed, with the defect."""
        self.difference: str = report["difference"]
        """The matrix whose rank is computed, such as W - I."""
        self.rule: str = report["rule"]
        """The rule of the tolerance."""

    def __getitem__(self, name: str) -> Rank:
        return self._ranks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ranks)

    def __len__(self) -> int:
        return len(self._ranks)

    def __repr__(self) -> str:
        width = max((len(name) for name in self), default=0)
        rows = "".join(f"\n{name:{width}}  {rank!r}" for name, rank in self.items())
        failed = "".join(f"\n{name}: {reason}" for name, reason in self.failed.items())
        return f"ranks of {self.difference}, {self.rule}{rows}{failed}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{rank.rows} × {rank.columns}</td><td>{rank.rank}</td>"
            f"<td>{rank.quantities['effective_rank']:.1f}</td><td>{rank.tolerance:.3g}</td></tr>"
            for name, rank in self.items())
        rows += "".join(f"<tr><td>{html.escape(name)}</td><td colspan=4>{html.escape(reason)}</td></tr>"
                        for name, reason in self.failed.items())
        return (f"<p>Ranks of {html.escape(self.difference)}, {html.escape(self.rule)}</p><table><tr><th>matrix</th>"
                f"<th>shape</th><th>rank</th><th>effective rank</th><th>tolerance</th></tr>{rows}</table>"
                + spectrum_picture(list(self.values())[:len(_COLORS)])
                + (f"<p>Drawn: the first {len(_COLORS)} of {len(self)} matrices.</p>" if len(self) > len(_COLORS) else ""))


@overload
def rank(
    subject: str | os.PathLike[str] | Mapping[str, Any] | torch.nn.Module, *, minus: Baseline | None = ...,
    tol: float | str | None = ..., rtol: float | None = ..., select: Sequence[str] = ..., skip: Sequence[str] = ...,
    stack: Sequence[str] = ..., convolution: Sequence[str] = ..., whole: bool = ..., layout: str | None = ...,
    key: str | None = ...,
) -> Ranks: ...
@overload
def rank(
    subject: numpy.ndarray | torch.Tensor | Sequence[Sequence[float]], *, minus: Baseline | None = ...,
    tol: float | str | None = ..., rtol: float | None = ..., select: Sequence[str] = ..., skip: Sequence[str] = ...,
    stack: Sequence[str] = ..., convolution: Sequence[str] = ..., whole: bool = ..., layout: str | None = ...,
    key: str | None = ...,
) -> Rank: ...
def rank(
    subject: Any, *, minus: Baseline | None = None, tol: float | str | None = None, rtol: float | None = None,
    select: Sequence[str] = (), skip: Sequence[str] = (), stack: Sequence[str] = (), convolution: Sequence[str] = (),
    whole: bool = False, layout: str | None = None, key: str | None = None,
) -> Rank | Ranks:
    """Computes ranks and spectra, in double precision.

    Parameters:
        subject: An array or a tensor of two dimensions or a convolution's kernel; a state_dict or a module; or the path of a
            checkpoint of safetensors, PyTorch or NumPy.
        minus: Subtracted first: "identity", the name of a deterministic initializer, the path of a checkpoint, or an array,
            state_dict or module like the subject.
        tol: An absolute tolerance, or "noise" for the effect of rounding to the stored type.
        rtol: A tolerance relative to the largest singular value. Without both, NumPy's s1·max(m, n)·eps counts, with eps of
            the stored type, or of single precision for narrower types.
        select, skip, stack, convolution, whole, layout, key: As the options of `zerolab rank`.

    Returns:
        A `Rank` for an array, and `Ranks` by name otherwise.

    Raises:
        ZerolabError: If nothing can be ranked. A matrix of a model that cannot be ranked is in `Ranks.failed` instead.

    >>> import numpy
    >>> r = rank(numpy.diag([4.0, 2.0, 1.0, 0.0]))
    >>> r
    rank 3 of 4 (4 x 4), tolerance 3.55e-15, margin 2.81e+14
    >>> rank(numpy.diag([4.0, 2.0]), tol=5)
    rank 0 of 2 (2 x 2), tolerance 5, margin 1.25; the largest singular value is 4
    >>> r.quantities["stable_rank"]
    1.3125
    >>> rank({"a.weight": numpy.eye(3), "b.weight": 2 * numpy.eye(3, 2)}, minus="identity", tol=1e-4)
    ranks of W - I, tol = 0.0001
    a.weight  rank 0 of 3 (3 x 3), tolerance 0.0001, margin inf
    b.weight  rank 2 of 2 (3 x 2), tolerance 0.0001, margin 1e+04
    """
    is_path = isinstance(subject, (str, os.PathLike))
    tensors = None if is_path else _tensors.tensors_of(subject)
    is_array = not is_path and tensors is None
    arguments = ["rank", "--json", "--quiet"]
    files: dict[str, IO[bytes]] = {}
    with contextlib.ExitStack() as open_files:

        def in_memory(name: str, value: Mapping[str, Any]) -> str:
            files[name] = open_files.enter_context(_program.file_in_memory(name))
            _tensors.write(files[name], value)
            return _program.path_of(files[name])

        if minus is not None:
            if isinstance(minus, (str, os.PathLike)):
                arguments.append(f"--minus={os.fspath(minus)}")
            else:
                others = _tensors.tensors_of(minus)
                if others is not None:
                    arguments.append("--minus=" + in_memory("minus", others))
                elif is_array:
                    arguments.append("--minus=" + in_memory("minus", {"array": _array(minus)}))
                else:
                    raise TypeError(f"minus must be a path, a name, a state_dict or a module, not {type(minus).__name__}")
        for option, value in [("tol", tol), ("rtol", rtol), ("layout", layout), ("key", key)]:
            arguments += [] if value is None else [f"--{option}={value}"]
        arguments += _program.patterns({"select": select, "skip": skip, "stack": stack, "convolution": convolution})
        arguments += ["--whole"] if whole else []
        # After "--", a path may begin with a dash.
        arguments.append("--")
        if is_path:
            arguments.append(os.fspath(subject))
        elif tensors is None:
            array = _array(subject)
            # Only the name of a tensor tells whether it is a kernel, and an array has none.
            arguments[1:1] = ["--convolution=array"] if array.ndim > 2 else []
            arguments.append(in_memory("the array", {"array": array}))
        else:
            arguments.append(in_memory("the tensors", tensors))
        output = _program.run(arguments, files=files, accepted=(0, 1))
    report = json.loads(output.text)
    report["difference"] = report["difference"].replace("W of minus", "W0")
    ranks = Ranks(report)
    if not ranks:
        raise ZerolabError("; ".join(ranks.failed.values() if is_array and ranks.failed else output.remarks), 65)
    output.warn()
    return next(iter(ranks.values())) if is_array else ranks


def _array(value: Any) -> Any:
    """A tensor of PyTorch or an array, with integers as numbers of double precision."""
    if _tensors.is_torch(value):
        return value if value.is_floating_point() or value.is_complex() else value.double()
    array = numpy.asarray(value)
    if array.ndim < 2:
        raise ZerolabError(f"a matrix is needed, not an array of {array.ndim} dimensions", 65)
    # Integers are exact in double precision up to 2^53.
    return array.astype(float) if array.dtype.kind in "iub" else array


def _rank(entry: Mapping[str, Any]) -> Rank:
    matrix = dict(entry["matrix"])
    values = numpy.asarray(matrix.pop("singular_values"), dtype=float)
    fields = {name: matrix.pop(name, None) for name in
              ("rank", "rows", "columns", "tolerance", "smallest_above", "largest_below")}
    return Rank(name=entry["name"], singular_values=values, quantities=matrix, **fields)


def _reasons(report: Mapping[str, Any], outcome: str) -> dict[str, str]:
    return {entry["name"]: entry["reason"] for entry in report["tensors"] if entry["outcome"] == outcome}


_COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"]


def spectrum_picture(ranks: Sequence[Rank]) -> str:
    """The singular values on a logarithmic axis as SVG, with a legend for several matrices.

    Zeros are not shown. The dashed line is the tolerance, if it is the same for all.
    """
    positive = [value for rank in ranks for value in rank.singular_values if value > 0]
    if not positive:
        return ""
    tolerance = ranks[0].tolerance if len({rank.tolerance for rank in ranks}) == 1 else 0
    left, right, top, bottom = 64, 460, 10, 190
    low = math.floor(math.log10(max(min(positive), max(positive) * 1e-18)))
    low = min(low, math.floor(math.log10(tolerance))) if tolerance > 0 else low
    high = max(math.ceil(math.log10(max(positive))), low + 1)
    count = max(len(rank.singular_values) for rank in ranks)

    def y(value: float) -> float:
        return top + (bottom - top) * (high - math.log10(value)) / (high - low)

    parts = []
    for exponent in range(low, high + 1, max(1, round((high - low) / 5))):
        height = y(10.0 ** exponent)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{height:.1f}" y2="{height:.1f}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{height + 4:.1f}" text-anchor="end">1e{exponent}</text>')
    for place, (rank, color) in enumerate(zip(ranks, _COLORS)):
        points = " ".join(f"{left + (right - left) * index / max(1, count - 1):.1f},{y(max(value, 10.0 ** low)):.1f}"
                          for index, value in enumerate(rank.singular_values) if value > 0)
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{points}"/>')
        if len(ranks) > 1:
            height = top + 8 + 18 * place
            parts.append(f'<line x1="{right + 12}" x2="{right + 30}" y1="{height}" y2="{height}" stroke="{color}" stroke-width="2"/>'
                         f'<text x="{right + 36}" y="{height + 4}">{html.escape(rank.name)}</text>')
    if tolerance > 0:
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y(tolerance):.1f}" y2="{y(tolerance):.1f}" stroke="#555" '
                     'stroke-dasharray="4 3"/>')
    caption = f"index of the singular value, 1 to {count}" + ("; dashed: tolerance" if tolerance > 0 else "")
    parts.append(f'<text x="{(left + right) / 2}" y="{bottom + 24}" text-anchor="middle">{caption}</text>'
                 f'<text transform="translate(14 {(top + bottom) / 2}) rotate(-90)" text-anchor="middle">singular value</text>')
    width = right + 10 + (40 + 7 * max(len(rank.name) for rank in ranks) if len(ranks) > 1 else 0)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + 34}" font-size="11" '
            f'font-family="sans-serif" fill="#333" role="img" aria-label="singular values">{"".join(parts)}</svg>')
