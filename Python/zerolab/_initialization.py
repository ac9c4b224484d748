"""Initial weights: one as an array, or those of a PyTorch module in place."""
from __future__ import annotations

import dataclasses
import fnmatch
import html
import json
import operator
from typing import TYPE_CHECKING, Any, Iterator, Sequence

from . import _program, _tensors

# After the modules above, which explain a missing NumPy.
import numpy  # noqa: E402

if TYPE_CHECKING:
    import torch


def weight(init: str, shape: Sequence[int], *, seed: int | None = None) -> numpy.ndarray:
    """Returns the initial values of one weight.

    Parameters:
        init: The name of an initializer, such as "ZerO"; `zerolab list` prints all.
        shape: (outputs, inputs) of a dense layer, or (outputs, inputs, k, ...) of a convolution.
        seed: The seed of a random initializer, 0 to 2^64 - 1. If it is None, one is drawn and a warning states it. Other
            initializers ignore it.

    Returns:
        The values in single precision, as PyTorch stores them: outputs first.

    Raises:
        ZerolabError: For an unknown name, or a shape with another number of dimensions than 2 to 5.

    >>> weight("Partial_Identity", (2, 3))
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    >>> weight("Zero", (2, 3))
    Traceback (most recent call last):
    zerolab._location.ZerolabError: unknown initializer 'Zero': did you mean 'ZerO'? (known: ZerO, ...)
    """
    sizes = [operator.index(size) for size in shape]
    arguments = ["init", f"--init={init}", f"--shape={'x'.join(map(str, sizes))}", "--out=-"]
    if seed is not None:
        arguments.append(f"--seed={operator.index(seed)}")
    with _program.file_in_memory("weight") as output:
        _program.run(arguments, output=output).warn()
        tensors, _ = _tensors.read(output)
    return tensors["weight"].view(numpy.float32).reshape(sizes).copy()


@dataclasses.dataclass(frozen=True)
class Initialization:
    """What `init_` did to a module."""

    init: str
    """The initializer."""

    rules: str
    """The rules that were applied, such as "resnet"."""

    seed: int
    """The seed of a random initializer."""

    treatments: dict[str, str]
    """The treatment of each tensor of two or more dimensions, by name: matrix, convolution, identity, zeros, ones or keep."""

    changed: tuple[str, ...]
    """The names of the tensors whose values were replaced by others."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.treatments.items())

    @property
    def _count(self) -> str:
        return f"{len(self.changed)} tensor{'' if len(self.changed) == 1 else 's'}"

    def __repr__(self) -> str:
        width = max(map(len, self.treatments), default=0)
        rows = "".join(f"\n{name:{width}}  {treatment}" for name, treatment in self)
        return f"{self.init}, rules '{self.rules}': {self._count} changed{rows}"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(name)}</td><td>{html.escape(treatment)}</td></tr>" for name, treatment in self)
        return (f"<p>{html.escape(self.init)}, rules <code>{html.escape(self.rules)}</code>: {self._count} changed</p>"
                f"<table><tr><th>tensor</th><th>new values</th></tr>{rows}</table>")


def init_(
    module: torch.nn.Module, init: str = "ZerO", *, rules: str = "auto", seed: int | None = None, keep: Sequence[str] = (),
    zero: Sequence[str] = (), ones: Sequence[str] = (), identity: Sequence[str] = (), matrix: Sequence[str] = (),
    attention: Sequence[str] = (), transposed: Sequence[str] = (), plain: bool = False, layout: str | None = None,
) -> Initialization:
    """Gives a PyTorch module new initial values, in place.

    The names of the tensors decide what each becomes, as in `zerolab init --like`: with "ZerO" a weight becomes a partial
    identity or a Hadamard matrix, the last layer of a residual branch 0, a bias 0, and the scale of a normalization 1.
    Embeddings keep their values, and transposed convolutions are recognized by their classes.

    Parameters:
        module: The module. Parameters and buffers keep their types, devices and `requires_grad`.
        init: The name of an initializer.
        rules: The rules for a family of models: resnet, gpt2, nanogpt, llama, vit, bert or generic; "auto" chooses them by
            the tensors' names.
        seed: The seed of a random initializer; None draws one, which `Initialization.seed` states.
        keep, zero, ones, identity, matrix, attention, transposed: Patterns of names with another treatment, as the options
            of `zerolab init`. `*` stands for any text.
        layout: "torch" if outputs are the first dimension of matrices, "jax" if they are the last, as in GPT-2; None to tell it
            from the names.
        plain: Whether every weight gets the initializer's values, also where the rules use the identity or 0.

    Returns:
        What was done. Guesses of the rules are reported as warnings.

    Raises:
        ZerolabError: If the rules do not fit, or a tensor cannot be initialized; the module is then unchanged.

    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    >>> init_(model, "ZerO", rules="generic")
    ZerO, rules 'generic': 4 tensors changed
    0.weight  matrix
    2.weight  matrix
    >>> model[0].weight.tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    import torch

    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"init_ needs a torch.nn.Module, not {type(module).__name__}")
    # Each tensor once: a tied one has several names, and safetensors has no place for that.
    state = module.state_dict(keep_vars=True)
    names: dict[int, str] = {}
    unique = {name: tensor for name, tensor in state.items()
              if isinstance(tensor, torch.Tensor) and names.setdefault(id(tensor), name) == name}
    given = {"keep": keep, "zero": zero, "ones": ones, "identity": identity, "matrix": matrix, "attention": attention,
             "transposed": transposed}
    treatments = _program.patterns(given)
    # The classes of modules tell what names and shapes may not: embeddings, and transposed convolutions without a bias.
    chosen = [pattern for patterns in given.values() for pattern in patterns]
    treatments += [f"--{kind}={name}" for name, kind in _kinds(module)
                   if name in unique and not any(fnmatch.fnmatchcase(name, pattern) for pattern in chosen)]
    with _program.file_in_memory("model") as source, _program.file_in_memory("new") as output:
        _tensors.write(source, unique)
        arguments = ["init", f"--init={init}", f"--like={_program.path_of(source)}", "--out=-"]
        arguments += [] if rules == "auto" else [f"--rules={rules}"]
        arguments += [] if layout is None else [f"--layout={layout}"]
        arguments += [] if seed is None else [f"--seed={operator.index(seed)}"]
        arguments += ["--plain"] if plain else []
        arguments += treatments
        _program.run(arguments, files={"the module": source}, output=output).warn()
        tensors, metadata = _tensors.read(output)
    record = json.loads(metadata["zerolab.initialized"])
    changed = []
    with torch.no_grad():
        for name, tensor in unique.items():
            # Bytes, since a kept NaN differs from itself.
            if not numpy.array_equal(tensors[name], _tensors.stored(tensor)[2]):
                changed.append(name)
                tensor.copy_(torch.from_numpy(tensors[name].copy()).view(tensor.dtype).reshape(tensor.shape))
    return Initialization(
        init=record["initializer"], rules=record["rules"], seed=int(record["seed"]), changed=tuple(changed),
        treatments={name: record["treatments"][name] for name in unique if name in record["treatments"]})


def _kinds(module: torch.nn.Module) -> Iterator[tuple[str, str]]:
    """The treatment of weights whose module's class requires one, by name."""
    import torch

    for name, part in module.named_modules():
        weight = f"{name}.weight" if name else "weight"
        if isinstance(part, (torch.nn.Embedding, torch.nn.EmbeddingBag)):
            yield weight, "keep"
        elif isinstance(part, (torch.nn.ConvTranspose1d, torch.nn.ConvTranspose2d, torch.nn.ConvTranspose3d)):
            yield weight, "transposed"
