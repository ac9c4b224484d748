"""The PyTorch program of the comparison.

    torch_peer.py memory|notebook INIT WIDTH [--no-ranks] [--optimizer sgd|momentum|adamw] [--fused]

`memory` stores the images in one tensor. `notebook` is the reference notebook's pipeline: torchvision's MNIST through PIL,
DataLoader, and the rank of every parameter with l3 in its name, every 50 updates. The program trains one epoch and makes
one test pass on all cores, with PyTorch's default implementation of the optimizer or its fused one. It prints the
seconds from the first batch to the end of the test pass, without imports, reading files and building the network, and
the peak memory of the process in MiB.
"""
import functools
import gzip
import os
import pathlib
import resource
import sys
import tempfile
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Tests/EndToEnd/Parity"))
import peer  # noqa: E402

MNIST = pathlib.Path(__file__).parents[1] / "Sources/Learning/Datasets/MNIST"


OPTIMIZERS = {"sgd": functools.partial(torch.optim.SGD, lr=0.1),
              "momentum": functools.partial(torch.optim.SGD, lr=0.01, momentum=0.9),
              "adamw": functools.partial(torch.optim.AdamW, lr=0.001)}


class InMemory:
    """Batches indexed from one tensor in shuffled order."""

    def __init__(self, data, batch_size):
        self.images, self.labels = data.tensors
        self.batch_size = batch_size

    def __iter__(self):
        for chosen in torch.randperm(len(self.labels)).split(self.batch_size):
            yield self.images[chosen], self.labels[chosen]


def notebook_loaders(folder):
    import torchvision
    raw = folder / "MNIST/raw"
    raw.mkdir(parents=True)
    for file in MNIST.glob("*.gz"):
        (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    return [torch.utils.data.DataLoader(
        torchvision.datasets.MNIST(folder, train=train, transform=torchvision.transforms.ToTensor()),
        batch_size=size, shuffle=True) for train, size in ((True, 64), (False, 1000))]


def main():
    pipeline, init, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with_ranks = "--no-ranks" not in sys.argv
    options = dict(zip(sys.argv, sys.argv[1:]))
    torch.set_num_threads(os.cpu_count())
    model = peer.MLP(init, width, 0.01, 1)
    if pipeline == "memory":
        train = InMemory(peer.read(MNIST, "train"), 64)
        test = InMemory(peer.read(MNIST, "t10k"), 1000)
    else:
        folder = tempfile.TemporaryDirectory()
        train, test = notebook_loaders(pathlib.Path(folder.name))
    measured = ["l3.weight"] if pipeline == "memory" else ["l3.weight", "l3.bias"]
    optimizer = OPTIMIZERS[options.get("--optimizer", "sgd")](model.parameters(), fused="--fused" in sys.argv or None)
    start = time.perf_counter()
    correct = 0
    for step, (x, y) in enumerate(train):
        optimizer.zero_grad()
        output = model(x.flatten(1))
        loss = F.nll_loss(output, y)
        loss.backward()
        optimizer.step()
        correct += (output.argmax(1) == y).sum().item()
        if with_ranks and step % 50 == 0:
            parameters = dict(model.named_parameters())
            for name in measured:
                peer.rank(parameters[name])
    with torch.no_grad():
        for x, y in test:
            F.nll_loss(model(x.flatten(1)), y, reduction="sum").item()
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


main()
