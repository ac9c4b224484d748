"""The reference notebook's pipeline in PyTorch, with which zerolab is compared.

It follows the MNIST notebook of arXiv 2110.12661 and its extension, with three differences: IDX files are read into
memory, the data set is a parameter, and a generator of steps replaces the printing loop.
"""
import gzip
import math
import pathlib

import numpy
import scipy.fft
import scipy.linalg
import torch
import torch.nn.functional as F


def read(folder, prefix):
    """Images and labels of a folder with IDX files; pixels are divided by 255."""

    def contents(name):
        plain, packed = pathlib.Path(folder) / name, pathlib.Path(folder) / f"{name}.gz"
        return plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())

    images = numpy.frombuffer(contents(f"{prefix}-images-idx3-ubyte"), numpy.uint8)
    labels = numpy.frombuffer(contents(f"{prefix}-labels-idx1-ubyte"), numpy.uint8, offset=8)
    pixels = images[16:].reshape(len(labels), -1)
    return torch.utils.data.TensorDataset(
        torch.from_numpy(pixels.copy()).float().div(255), torch.from_numpy(labels.copy()).long())


def weight(init, m, n, generator):
    """One weight, out × in, made like in the notebook or by torch.nn.init."""
    rules = torch.nn.init
    empty = torch.empty(m, n)
    if init in ("ZerO", "ZerO_Paper_Scale") and m > n:
        k = math.ceil(math.log2(m))
        exponent = k if init == "ZerO" else k - 1
        hadamard = torch.tensor(scipy.linalg.hadamard(2 ** k)).float() / 2 ** (exponent / 2)
        return rules.eye_(torch.empty(m, 2 ** k)) @ hadamard @ rules.eye_(torch.empty(2 ** k, n))
    if init in ("Partial_Identity", "ZerO", "ZerO_Paper_Scale"):
        return rules.eye_(empty)
    if init in ("IDInit", "IDInit_Branch_End", "Sinusoidal", "DCT", "ConstAvg", "Zeros"):
        return torch.from_numpy(closed_formula(init, m, n)).float()
    if init in ("OnE", "Spray"):
        one = rules.eye_(empty)
        for row in range(n, m):
            one[row, int(generator.integers(0, n - 1, endpoint=True))] = 1
        return one if init == "OnE" else (1 - one) / (n - 1)
    return {"Random": rules.kaiming_normal_,
            "KaimingUniform": lambda t: rules.kaiming_uniform_(t, nonlinearity="relu"),
            "XavierNormal": rules.xavier_normal_, "XavierUniform": rules.xavier_uniform_,
            "Orthogonal": rules.orthogonal_}[init](empty)


def closed_formula(init, m, n):
    """Deterministic weights, computed in double precision."""
    i, j = numpy.mgrid[:m, :n]
    if init == "Sinusoidal":
        sines = numpy.sin((i + 1) * (2 * numpy.pi * j / n + 2 * numpy.pi / m))
        return numpy.sqrt(2 / (sines.var(ddof=1) * (m + n))) * sines
    if init == "DCT":
        return scipy.fft.dct(numpy.eye(max(m, n)), norm="ortho", axis=0)[:m, :n]
    repeated = (j == i % n).astype(float)
    if init == "IDInit_Branch_End":
        return 1e-6 * (repeated - (j == ((i + 1) % n if m >= n else m + i % (n - m))))
    return {"IDInit": repeated, "ConstAvg": numpy.full((m, n), 1 / n), "Zeros": numpy.zeros((m, n))}[init]


class MLP(torch.nn.Module):
    """784 → 784 → n_h → n_h → 10, or with the dimensions of another data set."""

    def __init__(self, init, width, bias, seed, pixels=784, classes=10):
        torch.manual_seed(seed)
        generator = numpy.random.default_rng(seed)
        super().__init__()
        sizes = [pixels, pixels, width, width, classes]
        self.l1, self.l2, self.l3, self.l4 = (
            torch.nn.Linear(n, m, bias=bias is not None) for n, m in zip(sizes, sizes[1:]))
        for layer in self.layers():
            layer.weight.data = weight(init, *layer.weight.shape, generator)
            if bias is not None:
                torch.nn.init.constant_(layer.bias, bias)

    def layers(self):
        return [self.l1, self.l2, self.l3, self.l4]

    def forward(self, x):
        for layer in self.layers()[:-1]:
            x = F.relu(layer(x))
        return F.log_softmax(self.l4(x), dim=1)


def rank(matrix):
    """The rank of the difference from the identity at tolerance 1e-4, as in the notebook; a vector is broadcast."""
    difference = matrix.detach() - torch.eye(matrix.shape[0])
    return int(numpy.linalg.matrix_rank(difference.numpy(), tol=1e-4))


def train(model, folder, seed=1, batch_size=64, epochs=1, rate=0.1, gamma=0.7, step_size=12,
          before=None):
    """Trains. Yields ("step", loss, correct so far, gradients by name) after every update, and ("test", mean loss,
    correct, None) after every epoch. `before` is called with images and labels before every update and may change the
    model."""
    torch.manual_seed(seed)
    train_set, test_set = read(folder, "train"), read(folder, "t10k")
    train_loader = torch.utils.data.DataLoader(train_set, batch_size=batch_size, shuffle=True)
    test_loader = torch.utils.data.DataLoader(test_set, batch_size=1000, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=step_size, gamma=gamma)
    for _ in range(epochs):
        correct = 0
        for x, y in train_loader:
            if before:
                before(x, y)
            output = model(x)
            loss = F.nll_loss(output, y)
            correct += (output.argmax(1) == y).sum().item()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield "step", loss.item(), correct, {n: p.grad for n, p in model.named_parameters()}
        yield ("test", *evaluate(model, test_loader), None)
        schedule.step()


def evaluate(model, loader):
    """The mean loss and the number of correct images."""
    with torch.no_grad():
        outputs = [(model(x), y) for x, y in loader]
    loss = sum(F.nll_loss(output, y, reduction="sum").item() for output, y in outputs)
    correct = sum((output.argmax(1) == y).sum().item() for output, y in outputs)
    return loss / len(loader.dataset), correct
