"""Files of every form in which PyTorch saves tensors, each with the tensors that zerolab should find in it."""
import collections
import json
import pathlib
import pickle
import struct
import tarfile
import warnings
from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass
class Form:
    """A file, the tensors of the model in it, and options that choose this model."""

    name: str
    path: pathlib.Path
    tensors: dict
    options: list = field(default_factory=list)
    # A word that zerolab's remarks must contain, for example the name of a dictionary that was passed over.
    remark: str = ""


def low_rank(outputs, inputs, rank, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(outputs, rank, generator=generator) @ torch.randn(rank, inputs, generator=generator)


def model(seed=0):
    """Matrices of full and of low rank, a convolution, biases and an integer."""
    generator = torch.Generator().manual_seed(seed)
    return collections.OrderedDict([
        ("encoder.weight", torch.randn(40, 24, generator=generator)),
        ("encoder.bias", torch.zeros(40)),
        ("bottleneck.weight", low_rank(24, 40, 5, seed + 1)),
        ("conv.weight", torch.randn(8, 4, 3, 3, generator=generator)),
        ("conv.bias", torch.randn(8, generator=generator)),
        ("norm.num_batches_tracked", torch.tensor(17)),
        ("decoder.weight", low_rank(30, 30, 12, seed + 2)),
    ])


def optimizer_state(tensors):
    """The state of AdamW for the floating-point tensors of a model."""
    parameters = [nn.Parameter(value.clone()) for value in tensors.values() if value.is_floating_point()]
    optimizer = torch.optim.AdamW(parameters)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return optimizer.state_dict()


def containers(folder):
    """The same dictionary in every container, under every common extension."""
    tensors = model()
    for ending in ["pt", "pth", "bin", "ckpt", "pth.tar"]:
        torch.save(tensors, folder / f"zip.{ending}")
        yield Form(f"zip, .{ending}", folder / f"zip.{ending}", tensors)
        torch.save(tensors, folder / f"legacy.{ending}", _use_new_zipfile_serialization=False)
        yield Form(f"legacy, .{ending}", folder / f"legacy.{ending}", tensors)
    for protocol in [3, 4, 5]:
        for is_zip in [True, False]:
            path = folder / f"protocol{protocol}{'zip' if is_zip else 'legacy'}.pt"
            torch.save(tensors, path, pickle_protocol=protocol, _use_new_zipfile_serialization=is_zip)
            yield Form(f"{'zip' if is_zip else 'legacy'}, pickle protocol {protocol}", path, tensors)
    torch.serialization.set_crc32_options(False)
    torch.save(tensors, folder / "unchecked.pt")
    torch.serialization.set_crc32_options(True)
    yield Form("zip without checksums", folder / "unchecked.pt", tensors)
    write_tar(tensors, folder / "old.pt")
    yield Form("tar, of PyTorch before 0.1.12", folder / "old.pt", tensors)


class TarPickler(pickle.Pickler):
    """A pickler that refers to tensors by number, as the tar format needs."""

    def __init__(self, file, numbers):
        super().__init__(file, protocol=2)
        self.numbers = numbers

    def persistent_id(self, value):
        return str(self.numbers[id(value)]) if isinstance(value, torch.Tensor) else None


def write_tar(tensors, path):
    """Writes the tar format, which PyTorch reads and no longer writes."""
    numbers = {id(value): 100 + place for place, value in enumerate(tensors.values())}
    parts = {name: path.parent / name for name in ("storages", "tensors", "pickle")}
    with open(parts["storages"], "wb") as file:
        pickle.dump(len(tensors), file, protocol=2)
        for place, value in enumerate(tensors.values()):
            kind = {torch.float32: torch.FloatStorage, torch.int64: torch.LongStorage}[value.dtype]
            pickle.dump((place, "cpu", kind), file, protocol=2)
            file.write(struct.pack("<q", value.numel()) + value.contiguous().numpy().tobytes())
        pickle.dump([], file, protocol=2)
    with open(parts["tensors"], "wb") as file:
        pickle.dump(len(tensors), file, protocol=2)
        for place, value in enumerate(tensors.values()):
            pickle.dump((numbers[id(value)], place, type(value)), file, protocol=2)
            file.write(struct.pack(f"<ii{2 * value.dim() + 1}q", value.dim(), 0, *value.shape, *value.stride(), 0))
    with open(parts["pickle"], "wb") as file:
        TarPickler(file, numbers).dump(tensors)
    with tarfile.open(path, "w") as tar:
        for name, part in parts.items():
            tar.add(part, name)
            part.unlink()


def storages(folder):
    """Tensors that are views: transposed, expanded, sliced, shared, and of every memory format."""
    generator = torch.Generator().manual_seed(5)
    base = torch.randn(50, 60, generator=generator)
    images = torch.randn(6, 5, 3, 3, generator=generator)
    shared = torch.randn(20, 20, generator=generator)
    tensors = {
        "transposed.weight": base.t(), "rows.weight": base[10:30], "columns.weight": base[:, 7:19],
        "steps.weight": base[::3, 1::2], "block.weight": base[5:25, 30:45].t(),
        "expanded.weight": base[0].expand(12, 60), "expanded_columns.weight": base[:12, :1].expand(12, 9),
        "overlapping.weight": torch.as_strided(base, (20, 20), (3, 2), 4),
        "channels_last.weight": images.to(memory_format=torch.channels_last),
        "first.weight": shared, "second.weight": shared, "third.weight": shared.t(),
        "parameter.weight": nn.Parameter(base[:9].clone()), "empty.weight": torch.empty(0, 4), "scalar": torch.tensor(2.5),
        "half_transposed.weight": base.half().t(), "vector": base[:, 3],
    }
    for is_zip in [True, False]:
        path = folder / f"views{is_zip}.pt"
        torch.save(tensors, path, _use_new_zipfile_serialization=is_zip)
        yield Form(f"views of shared storages, {'zip' if is_zip else 'legacy'}", path, tensors)


FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]
OTHERS = [torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.uint16, torch.uint32, torch.uint64,
          torch.bool, torch.complex64, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz]


def types(folder):
    """Every element type, with strided storages of each."""
    generator = torch.Generator().manual_seed(6)
    base = torch.randn(16, 24, generator=generator)
    tensors = {}
    for kind in FLOATS:
        name = str(kind).removeprefix("torch.")
        tensors[f"{name}.weight"] = base.to(kind)
        tensors[f"{name}_transposed.weight"] = base.to(kind).t()
        tensors[f"{name}_slice.weight"] = base.to(kind)[3:, 2:9]
    for kind in OTHERS:
        tensors[str(kind).removeprefix("torch.")] = (base.abs() * 10).to(kind)
    torch.save(tensors, folder / "types.pt")
    yield Form("all element types, zip", folder / "types.pt", tensors)
    old = {name: value for name, value in tensors.items() if "float8" not in name and "uint" not in name and name != "complex64"}
    torch.save(old, folder / "types-legacy.pt", _use_new_zipfile_serialization=False)
    yield Form("older element types, legacy", folder / "types-legacy.pt", old)


def nesting(folder):
    """Dictionaries of training programs, with the model inside."""
    tensors, other = model(), model(seed=40)
    optimizer = optimizer_state(tensors)
    cases = {
        "model": ({"model": tensors, "optimizer": optimizer, "epoch": 3, "args": {"lr": 0.1}}, "optimizer"),
        "state_dict": ({"epoch": 0, "global_step": 10, "pytorch-lightning_version": "2.6.6", "state_dict": tensors,
                        "optimizer_states": [optimizer], "lr_schedulers": [], "callbacks": {}}, "optimizer"),
        "model_state": ({"step": 1, "model_state": tensors, "optimizer_state": optimizer}, "optimizer"),
        "module": ({"module": tensors, "optimizer": None, "lr_scheduler": None, "global_steps": 5, "ds_version": "0.18",
                    "ds_config": {"train_batch_size": 8}}, ""),
        "model_state_dict": ({"epoch": 5, "model_state_dict": tensors, "optimizer_state_dict": optimizer, "loss": 0.5},
                             "optimizer"),
    }
    for name, (content, remark) in cases.items():
        torch.save(content, folder / f"{name}.pt")
        yield Form(f"nested in '{name}'", folder / f"{name}.pt", tensors, remark=remark)
    torch.save({"model": tensors, "model_ema": other, "optimizer": optimizer}, folder / "ema.pt")
    yield Form("a model beside its moving average", folder / "ema.pt", tensors, remark="model_ema")
    yield Form("the moving average, by --key", folder / "ema.pt", other, ["--key", "model_ema"])
    torch.save({"generator": tensors, "discriminator": other, "step": 2}, folder / "two.pt")
    yield Form("one of two models, by --key", folder / "two.pt", other, ["--key", "discriminator"])


class Scripted(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(7)
        self.encoder, self.norm = nn.Linear(24, 40), nn.BatchNorm1d(40)
        self.layers = nn.ModuleList(nn.Linear(40, 40) for _ in range(2))

    def forward(self, x):
        x = self.norm(self.encoder(x))
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


def folders(folder):
    """Models in several files: sharded, distributed, and TorchScript's archive."""
    tensors = model()
    sharded = folder / "sharded"
    sharded.mkdir()
    names = list(tensors)
    parts = {"pytorch_model-00001-of-00002.bin": names[:3], "pytorch_model-00002-of-00002.bin": names[3:]}
    for part, members in parts.items():
        torch.save({name: tensors[name] for name in members}, sharded / part)
    index = sharded / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": {
        name: part for part, members in parts.items() for name in members}}))
    yield Form("pytorch_model.bin.index.json", index, tensors)
    yield Form("a folder with a sharded model", sharded, tensors)

    import torch.distributed.checkpoint as dcp

    dcp.save(dict(tensors), checkpoint_id=folder / "dcp", no_dist=True)
    yield Form("torch.distributed.checkpoint", folder / "dcp", tensors)
    dcp.save({"model": dict(tensors), "optim": {"state": {"encoder.weight": {"exp_avg": torch.ones(40, 24)}}}, "step": 4},
             checkpoint_id=folder / "dcp-nested", no_dist=True)
    yield Form("torch.distributed.checkpoint, nested", folder / "dcp-nested", tensors, remark="optim")

    module = Scripted()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(module).save(folder / "scripted.jit")
        torch.jit.trace(module.eval(), torch.randn(2, 24)).save(folder / "traced.pt")
    yield Form("TorchScript, scripted", folder / "scripted.jit", module.state_dict())
    yield Form("TorchScript, traced", folder / "traced.pt", module.state_dict())


def shard(rank, folder, tensors):
    """One of two processes that save a model split by FSDP."""
    import os

    import torch.distributed as dist
    import torch.distributed.checkpoint as dcp
    from torch.distributed.tensor import DeviceMesh, Shard, distribute_tensor

    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29517"}
    dist.init_process_group("gloo", rank=rank, world_size=2)
    mesh = DeviceMesh("cpu", [0, 1])
    split = {name: distribute_tensor(value, mesh, [Shard(value.dim() - 1)]) if value.dim() else value
             for name, value in tensors.items()}
    dcp.save({"model": split}, checkpoint_id=folder)
    dist.destroy_process_group()


def processes(folder):
    """A checkpoint of two processes, each with one half of every tensor's last dimension."""
    tensors = model()
    torch.multiprocessing.spawn(shard, (folder / "fsdp", tensors), nprocs=2)
    yield Form("torch.distributed.checkpoint of two processes", folder / "fsdp", tensors)


FAMILIES = [containers, storages, types, nesting, folders]
SLOW_FAMILIES = [processes]
