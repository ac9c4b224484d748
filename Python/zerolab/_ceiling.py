"""Upper bounds on the rank that training can reach."""
from __future__ import annotations

import dataclasses
import html
import json
from typing import Any

from . import _program


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Ceiling:
    """Upper bounds on the rank of W - W0 of each layer of the reference network, at any time of training."""

    init: str
    width: int
    depth: int

    layers: dict[str, int]
    """The bound of each layer, l1 to the last."""

    reasons: dict[str, str]
    """The units that stay identical and why, by layer."""

    shapes: dict[str, tuple[int, int]]
    """(outputs, inputs) of each layer."""

    def __getitem__(self, layer: str) -> int:
        return self.layers[layer]

    def __repr__(self) -> str:
        rows = "".join(
            f"\n{layer}  at most {bound} of {min(self.shapes[layer])}" for layer, bound in self.layers.items())
        return f"ceilings of {self.init}, n_h = {self.width}{rows}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{layer}</td><td>{bound}</td><td>{min(self.shapes[layer])}</td>"
            f"<td style='text-align:left'>{html.escape(self.reasons[layer])}</td></tr>" for layer, bound in self.layers.items())
        return (f"<p>Ceilings of {html.escape(self.init)}, n_h = {self.width}</p><table><tr><th>layer</th><th>rank at most</th>"
                f"<th>of</th><th>reason</th></tr>{rows}</table>")


def ceiling(
    init: str, *, width: int = 1024, depth: int = 1, seed: int | None = None, bias: float | None = 0.01,
    inputs: int | None = None, classes: int | None = None, data: str | None = None,
) -> Ceiling:
    """Computes upper bounds on the rank of W - W0 in the reference network, a perceptron with ReLU.

    Hidden units with identical initial weights stay identical in exact arithmetic, so their number bounds the rank.

    Parameters:
        init: The name of an initializer.
        width: n_h, the number of units of each hidden layer.
        depth: The number of square layers, n_h x n_h.
        seed: The seed of a random initializer.
        bias: The initial value of every bias; None for a network without biases.
        inputs, classes: The numbers of inputs and outputs of a network without data, 784 and 10 by default.
        data: A data set, such as "mnist", with its own numbers; inputs that are always 0 then don't count.

    Raises:
        ZerolabError: For an unknown name, or an impossible size.

    >>> ceiling("ZerO", width=256, data="mnist")["l3"]
    224
    """
    arguments = ["ceiling", "--json", f"--init={init}", f"--width={width}", f"--depth={depth}",
                 f"--bias={'none' if bias is None else repr(bias)}"]
    for option, value in [("inputs", inputs), ("classes", classes), ("data", data), ("model-seed", seed)]:
        arguments += [] if value is None else [f"--{option}={value}"]
    output = _program.run(arguments)
    output.warn()
    report: dict[str, Any] = json.loads(output.text)
    layers = report["layers"]
    return Ceiling(
        init=report["init"], width=report["width"], depth=report["depth"],
        layers={layer["layer"]: layer["ceiling"] for layer in layers},
        reasons={layer["layer"]: layer["reason"] for layer in layers},
        shapes={layer["layer"]: (layer["shape"][0], layer["shape"][1]) for layer in layers})
