"""Writes torch_files.json: small files of PyTorch in every form, and the values of their tensors.

    python3 generate_torch_files.py

Each file has its name, its bytes in base64, and the tensors as torch.load gives them: name, type, shape, values.
"""

import base64
import io
import json
import os
import pathlib
import struct
import tarfile
import tempfile

import torch

torch.manual_seed(0)


class Net(torch.nn.Module):
    """The layers of the reference notebook, narrower."""

    def __init__(self):
        super().__init__()
        self.l1 = torch.nn.Linear(4, 4, bias=True)
        self.l2 = torch.nn.Linear(4, 6, bias=True)
        self.l3 = torch.nn.Linear(6, 6, bias=True)
        self.l4 = torch.nn.Linear(6, 2, bias=True)

    def forward(self, x):
        x = torch.relu(self.l1(x))
        x = torch.relu(self.l2(x))
        x = torch.relu(self.l3(x))
        return self.l4(x)


def tensors(state):
    """The names, types, shapes and values of floating-point tensors."""
    found = []
    for name, tensor in state.items():
        tensor = tensor.detach()
        found.append({
            "name": name,
            "type": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
            "values": tensor.double().flatten().tolist(),
        })
    return found


def written(save):
    """The bytes of a file that a function writes to a path."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "archive")
        save(path)
        return pathlib.Path(path).read_bytes()


def tar(state):
    """A file of PyTorch before 2017; the members are pickles as torch.load reads them."""
    import pickle

    def stored(value):
        return pickle.dumps(value, protocol=2)

    storages, described = stored(len(state)), stored(len(state))
    for number, tensor in enumerate(state.values()):
        storages += stored((number, "cpu", torch.FloatStorage))
        data = tensor.detach().contiguous()
        storages += struct.pack("<q", data.numel()) + data.numpy().tobytes()
        described += stored((100 + number, number, torch.FloatTensor))
        described += struct.pack("<i4x", data.dim())
        described += struct.pack(f"<{2 * data.dim()}q", *data.shape, *data.stride())
        described += struct.pack("<q", 0)
    storages += stored([])
    target = io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return 100 + value.number if isinstance(value, Reference) else None

    class Reference:
        def __init__(self, number):
            self.number = number

    Pickler(target, protocol=2).dump({name: Reference(n) for n, name in enumerate(state)})
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        for name, contents in [("sys_info", stored({})), ("pickle", target.getvalue()),
                               ("tensors", described), ("storages", storages)]:
            member = tarfile.TarInfo(name)
            member.size = len(contents)
            archive.addfile(member, io.BytesIO(contents))
    return file.getvalue()


net = Net()
optimizer = torch.optim.AdamW(net.parameters())
net(torch.ones(1, 4)).sum().backward()
optimizer.step()
state = net.state_dict()
grid = torch.arange(24.0).reshape(4, 6) / 8 - 1
views = {
    "transposed": grid.t(),
    "columns": grid[:, 1:4],
    "rows": grid[1:3],
    "strided": grid[::2, ::3],
    "expanded": grid[0].expand(3, 6),
    "diagonal": grid.diagonal(),
    "channels_last": torch.arange(48.0).reshape(2, 3, 2, 4).contiguous(memory_format=torch.channels_last),
    "parameter": torch.nn.Parameter(grid),
    "scalar": torch.tensor(2.0),
    "empty": torch.zeros(0, 3),
}
types = {
    str(dtype).removeprefix("torch."): grid.to(dtype)
    for dtype in [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn,
                  torch.float8_e5m2]
}
script = torch.jit.script(net)
trained = {"model": state, "optimizer": optimizer.state_dict(), "iter_num": 500, "config": {"n_layer": 2},
           "best_val_loss": torch.tensor(1.5)}
files = [
    ("0_Partial_Identity_256_mnist_cnn.pt", written(lambda f: torch.save(state, f)), state),
    ("legacy.pth", written(lambda f: torch.save(state, f, _use_new_zipfile_serialization=False)), state),
    ("legacy_views.pth", written(lambda f: torch.save(views, f, _use_new_zipfile_serialization=False)), views),
    ("views.pt", written(lambda f: torch.save(views, f)), views),
    ("types.pt", written(lambda f: torch.save(types, f)), types),
    ("protocol_4.pt", written(lambda f: torch.save(state, f, pickle_protocol=4)), state),
    *[(f"legacy_protocol_{number}.pt", written(lambda f, n=number: torch.save(
        state, f, pickle_protocol=n, _use_new_zipfile_serialization=False)), state) for number in (1, 4)],
    ("protocol_1.pt", written(lambda f: torch.save(state, f, pickle_protocol=1)), state),
    ("module.pt", written(lambda f: torch.save(net, f)), state),
    ("legacy_module.pt", written(lambda f: torch.save(net, f, _use_new_zipfile_serialization=False)), state),
    ("net.jit", written(lambda f: script.save(f)), state),
    ("traced.jit", written(lambda f: torch.jit.trace(net, torch.ones(1, 4)).save(f)), state),
    ("ckpt.pt", written(lambda f: torch.save(trained, f)), state),
    ("old.pth.tar", tar(state), state),
]
with tempfile.NamedTemporaryFile(suffix=".tar") as file:
    file.write(files[-1][1])
    file.flush()
    loaded = torch.load(file.name, weights_only=False)
    assert all(torch.equal(loaded[name], state[name]) for name in state), "torch.load reads another tar"
path = pathlib.Path(__file__).with_name("torch_files.json")
path.write_text(json.dumps(
    [{"name": name, "contents": base64.b64encode(contents).decode(), "tensors": tensors(expected)}
     for name, contents, expected in files], indent=1) + "\n")
