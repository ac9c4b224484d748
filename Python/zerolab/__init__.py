"""ZerOLab: what does the initialization of a network's weights do to the rank that its training can reach?

    >>> import zerolab
    >>> zerolab.weight("ZerO", (4, 2))
    array([[ 0.5,  0.5],
           [ 0.5, -0.5],
           [ 0.5,  0.5],
           [ 0.5, -0.5]], dtype=float32)

| name | purpose |
|---|---|
| `weight` | initial values of one weight, as an array |
| `init_` | new initial values for a PyTorch module, in place |
| `rank` | rank and spectrum of an array, a state_dict, a module or a checkpoint |
| `ceiling` | an upper bound on the rank that training can reach |
| `Series` | ranks of the checkpoints of a training run, over steps |

The package starts the program `zerolab` for each call and exchanges tensors with it in memory. Only NumPy is required; PyTorch
is imported if an argument belongs to it. `python -m zerolab` is the command line.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._ceiling import Ceiling, ceiling
    from ._initialization import Initialization, init_, weight
    from ._location import ZerolabError
    from ._ranks import Rank, Ranks, rank
    from ._series import Series

__all__ = ["Ceiling", "Initialization", "Rank", "Ranks", "Series", "ZerolabError", "ceiling", "init_", "rank", "weight"]

_MODULES = {
    "Ceiling": "_ceiling", "ceiling": "_ceiling", "Initialization": "_initialization", "init_": "_initialization",
    "weight": "_initialization", "ZerolabError": "_location", "Rank": "_ranks", "Ranks": "_ranks", "rank": "_ranks",
    "Series": "_series",
}


def __getattr__(name: str) -> object:
    # The command line needs neither NumPy nor these modules, and starts faster without them.
    if name not in _MODULES:
        raise AttributeError(f"module 'zerolab' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module("." + _MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
