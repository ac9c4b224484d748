#!/usr/bin/env python3
"""Compares zerolab with torch.load and NumPy on PyTorch files of every form.

    make test-pytorch        (builds the program, installs PyTorch and calls this script)
    files.py ZEROLAB [MODELS] [--short]

MODELS is a folder with the packages resemblyzer, facenet-pytorch and lpips, whose models are published as PyTorch files;
PyTorch itself writes all other files. For each file the script compares

- names, shapes, types and every value, bit for bit, through `zerolab init --like FILE --keep '*'`;
- the rank and all singular values of every matrix with numpy.linalg.svd in double precision;
- new weights written as `.pt` with those written as `.safetensors`, loaded with torch.load(weights_only=True).

The exit code is 1 if a check fails. --short leaves out the files that need several processes.
"""
import json
import os
import pathlib
import sys
import tempfile
import warnings

import numpy
import safetensors.torch
import torch
from torch import nn

import forms
from oracle import SHORT, SINGULAR_VALUE_ERROR, as_matrix, check, conclude, distance, singular_values, tolerance, zerolab

PUBLISHED = {
    # The key of the model inside the file; None if the file is the model.
    "resemblyzer/pretrained.pt": "model_state",
    **{f"facenet_pytorch/data/{name}.pt": None for name in ("pnet", "rnet", "onet")},
    **{f"lpips/weights/v0.{version}/{name}.pth": None for version in (0, 1) for name in ("alex", "squeeze", "vgg")},
}


def is_matrix(tensor):
    return tensor.dim() in (2, 4) and tensor.numel() > 0 and tensor.dtype in forms.FLOATS


def same(found, expected):
    """Whether two tensors have the same type, shape and bits."""
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return False
    bits = [numpy.frombuffer(bytes(tensor.detach().contiguous().flatten().view(torch.uint8).numpy()), numpy.uint8)
            if tensor.numel() else numpy.empty(0) for tensor in (found, expected)]
    return numpy.array_equal(*bits)


def differences(found, expected):
    """The names that only one side has, and those of tensors that differ in any bit."""
    names = found.keys() ^ expected.keys()
    return sorted(names | {name for name in found.keys() & expected.keys() if not same(found[name], expected[name])})


def check_values(form, folder):
    copy = folder / "copy.safetensors"
    _, remarks = zerolab("init", "--like", form.path, *form.options, "--init", "Zeros", "--keep", "*", "--out", copy)
    if not copy.exists():
        return
    found = safetensors.torch.load_file(copy)
    copy.unlink()
    check(f"{form.name}: all {len(form.tensors)} tensors have torch's names, types, shapes and bits",
          not differences(found, form.tensors), differences(found, form.tensors))
    check(f"{form.name}: a remark names '{form.remark}'", form.remark in remarks, remarks)


def check_ranks(form, *options):
    text, _ = zerolab("rank", form.path, *form.options, *options, "--json", "--quiet")
    if not text:
        return
    result = json.loads(text)
    names = [tensor["name"] for tensor in result["tensors"]]
    check(f"{form.name}: rank reports {len(form.tensors)} tensors", sorted(names) == sorted(form.tensors), names)
    matrices = {tensor["name"]: tensor["matrix"] for tensor in result["tensors"] if tensor["outcome"] == "matrix"}
    expected = {name for name, tensor in form.tensors.items() if is_matrix(tensor)}
    check(f"{form.name}: the matrices are those of two and four dimensions", matrices.keys() == expected,
          sorted(matrices.keys() ^ expected))
    check(f"{form.name}: a note names '{form.remark}'", any(form.remark in note for note in [*result["notes"], ""]),
          result["notes"])
    for name in matrices.keys() & expected:
        matrix = as_matrix(form.tensors[name])
        values = singular_values(matrix)
        rank = int((values > tolerance(values, matrix.shape, form.tensors[name].dtype)).sum())
        check(f"{form.name}: rank of {name}", matrices[name]["rank"] == rank, f"{matrices[name]['rank']}, NumPy {rank}")
        error = distance(matrices[name]["singular_values"], values)
        check(f"{form.name}: singular values of {name}", error <= SINGULAR_VALUE_ERROR, f"relative error {error:.1e}")


def check_written(folder):
    """New weights in PyTorch's format equal those in safetensors, and a module accepts them."""
    torch.manual_seed(8)
    module = nn.Sequential(nn.Linear(20, 30), nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Linear(6, 6).to(torch.bfloat16))
    torch.save(module.state_dict(), folder / "module.pt")
    for name in ["new.pt", "new.safetensors"]:
        zerolab("init", "--like", folder / "module.pt", "--init", "Random", "--seed", "3", "--out", folder / name)
    if not check("init writes a PyTorch file", (folder / "new.pt").exists()):
        return
    found = torch.load(folder / "new.pt", weights_only=True)
    expected = safetensors.torch.load_file(folder / "new.safetensors")
    check("new weights are the same as .pt and .safetensors", not differences(found, expected),
          differences(found, expected))
    missing, unexpected = module.load_state_dict(found, strict=True)
    check("load_state_dict accepts the new weights", not missing and not unexpected)
    check("the new weights differ from the old", not same(found["0.weight"], torch.load(folder / "module.pt")["0.weight"]))
    check_values(forms.Form("a file that zerolab wrote", folder / "new.pt", found), folder)


class Trap:
    """An object whose pickle creates a file when Python loads it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


def check_code(folder):
    """zerolab executes nothing; Python executes the same file."""
    tensors, mark = forms.model(), folder / "mark"
    for is_zip in [True, False]:
        path = folder / f"trap{is_zip}.pt"
        torch.save({"model": tensors, "extra": Trap(mark)}, path, _use_new_zipfile_serialization=is_zip)
        form = forms.Form(f"code in a {'zip' if is_zip else 'legacy'} file", path, tensors)
        check_values(form, folder)
        check_ranks(form)
        check("zerolab has executed no code", not mark.exists())
        torch.load(path, weights_only=False)
        check("Python executes the code of the same file", mark.exists())
        mark.unlink()


def check_notebook(folder):
    """The output of the reference notebook: a state dictionary of a network that it trains on MNIST."""
    torch.manual_seed(9)
    network = nn.Module()
    for name, inputs, outputs in [("l1", 784, 784), ("l2", 784, 256), ("l3", 256, 256), ("l4", 256, 10)]:
        setattr(network, name, nn.Linear(inputs, outputs))
        nn.init.eye_(getattr(network, name).weight)
    update = forms.low_rank(256, 256, 7, seed=10)
    network.l3.weight.data += update
    path = folder / "Partial_Identity256_mnist_cnn.pt"
    torch.save(network.state_dict(), path)
    check_ranks(forms.Form("the notebook's model", path, network.state_dict()))
    check_values(forms.Form("the notebook's model", path, network.state_dict()), folder)
    text, _ = zerolab("rank", path, "--minus", "identity", "--tol", "1e-4", "--select", "l3.*", "--json", "--quiet")
    for tensor in json.loads(text)["tensors"] if text else []:
        if tensor["outcome"] == "matrix":
            check("rank of l3.weight − I at tolerance 1e-4", tensor["matrix"]["rank"] == 7, tensor["matrix"]["rank"])
    check("l3.weight was ranked", '"rank":' in text)


def check_controls(folder):
    """The comparisons above detect one changed bit, one changed type, and a value that is off by 2e-4."""
    tensors = forms.model()
    path = folder / "control.pt"
    torch.save(tensors, path)
    copy = folder / "control.safetensors"
    zerolab("init", "--like", path, "--init", "Zeros", "--keep", "*", "--out", copy)
    found = safetensors.torch.load_file(copy) if copy.exists() else dict(tensors)
    found["conv.weight"].view(torch.int32)[3, 1, 2, 0] ^= 1
    found["encoder.bias"] = found["encoder.bias"].double()
    del found["decoder.weight"]
    check("a changed bit, a changed type and a missing tensor are detected",
          differences(found, tensors) == ["conv.weight", "decoder.weight", "encoder.bias"], differences(found, tensors))
    values = singular_values(as_matrix(tensors["encoder.weight"]))
    wrong = values.copy()
    wrong[-1] *= 1 + 2 * SINGULAR_VALUE_ERROR
    check("a wrong singular value is detected", distance(wrong, values) > SINGULAR_VALUE_ERROR)


def main():
    warnings.simplefilter("ignore")
    models = [pathlib.Path(argument) for argument in sys.argv[2:] if not argument.startswith("--")]
    with tempfile.TemporaryDirectory(prefix="zerolab-pytorch-") as temporary:
        folder = pathlib.Path(temporary)
        check_notebook(folder)
        for family in forms.FAMILIES + ([] if SHORT else forms.SLOW_FAMILIES):
            place = folder / family.__name__
            place.mkdir()
            for form in family(place):
                check_values(form, folder)
                check_ranks(form)
        check_written(folder)
        check_code(folder)
        check_controls(folder)
        for root in models:
            for name, key in PUBLISHED.items():
                content = torch.load(root / name, map_location="cpu", weights_only=True)
                form = forms.Form(name, root / name, content[key] if key else content)
                check_values(form, folder)
                # The four gates of an LSTM are stacked; NumPy ranks the whole matrix.
                check_ranks(form, "--whole")
    conclude()


if __name__ == "__main__":
    main()
