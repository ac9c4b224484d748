"""Tensors in memory: arrays of NumPy, tensors and modules of PyTorch, and files of safetensors."""
from __future__ import annotations

import json
import mmap
import os
import sys
from typing import IO, Any, Mapping

try:
    import numpy
except ImportError:
    raise ImportError("zerolab needs NumPy for this function: pip install numpy") from None

from ._location import ZerolabError

#: Types of safetensors by the names that NumPy and PyTorch use.
_TYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8", "uint16": "U16",
    "uint32": "U32", "uint64": "U64", "bool": "BOOL",
}


def is_torch(value: object) -> bool:
    """Whether a value is a tensor of PyTorch; PyTorch is not imported for that."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def tensors_of(value: object) -> Mapping[str, Any] | None:
    """The tensors of a module or of a mapping by name; None for other values."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.nn.Module):
        state: Mapping[str, Any] = value.state_dict()
        return state
    return value if isinstance(value, Mapping) else None


def stored(tensor: Any) -> tuple[str, list[int], memoryview]:
    """The type, the dimensions and the bytes of a tensor, row-major."""
    if is_torch(tensor):
        import torch

        if tensor.is_meta:
            raise ZerolabError("a tensor of the device 'meta' has no values", 65)
        plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        name = str(plain.dtype).removeprefix("torch.")
        # A view as bytes needs at least one dimension.
        data = plain.reshape(-1).view(torch.uint8).numpy()
        shape = list(plain.shape)
    else:
        array = numpy.asarray(tensor)
        if array.dtype == object or array.dtype.kind not in "fiub":
            raise ZerolabError(f"an array of numbers is needed, not one of type {array.dtype}", 65)
        array = numpy.ascontiguousarray(array).reshape(array.shape)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        name, shape = array.dtype.name, list(array.shape)
        data = array.reshape(-1).view(numpy.uint8)
    if name not in _TYPES:
        raise ZerolabError(f"tensors of type {name} cannot be ranked or initialized", 65)
    return _TYPES[name], shape, memoryview(data)


def write(file: IO[bytes], tensors: Mapping[str, Any]) -> None:
    """Writes tensors as safetensors. Values that are neither tensors nor dictionaries are left out, such as numbers."""
    header: dict[str, object] = {}
    parts, end = [], 0
    for name, tensor in tensors.items():
        if isinstance(tensor, Mapping):
            raise ZerolabError(f"'{name}' is a dictionary; pass the dictionary of tensors itself", 65)
        if not is_torch(tensor) and not isinstance(tensor, numpy.ndarray):
            continue
        try:
            kind, shape, data = stored(tensor)
        except (ZerolabError, RuntimeError, NotImplementedError) as error:
            reason = str(error).splitlines()[0]
            raise ZerolabError(f"'{name}': {reason}", 65) from None
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [end, end + data.nbytes]}
        parts.append(data)
        end += data.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for part in parts:
        file.write(part)
    file.flush()


def read(file: IO[bytes]) -> tuple[dict[str, numpy.ndarray], dict[str, str]]:
    """Reads safetensors: the bytes of each tensor, not copied, and the metadata."""
    size = os.fstat(file.fileno()).st_size
    content = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    metadata = header.pop("__metadata__", {})
    everything = numpy.frombuffer(content, numpy.uint8)
    found = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        found[name] = everything[begin + first:begin + last]
    return found, metadata
