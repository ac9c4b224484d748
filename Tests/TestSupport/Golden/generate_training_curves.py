#!/usr/bin/env python3
"""Makes training_curves.json: the notebook's pipeline in PyTorch (CPU), one epoch of MNIST.

    pip install torch numpy
    python3 generate_training_curves.py > training_curves.json

The initialisers of l1 … l4 draw from one generator, after model_seed has been given to
torch.manual_seed and numpy.random.default_rng and nn.Linear has made its own draws; data_seed goes to
torch.manual_seed after that, before the two shuffling loaders are iterated. The rank is
numpy.linalg.matrix_rank(l3.weight - I, tol=1e-4), taken after the update.
"""
import gzip
import json
import math
import pathlib

import numpy
import torch
import torch.nn.functional as F

MNIST = pathlib.Path(__file__).parents[3] / "Sources/Datasets/MNIST"


def read(prefix):
    images = gzip.decompress((MNIST / f"{prefix}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((MNIST / f"{prefix}-labels-idx1-ubyte.gz").read_bytes())
    pixels = numpy.frombuffer(images, numpy.uint8, offset=16).reshape(-1, 784)
    classes = numpy.frombuffer(labels, numpy.uint8, offset=8)
    return torch.utils.data.TensorDataset(
        torch.from_numpy(pixels.copy()).float().div(255), torch.from_numpy(classes.copy()).long())


def eye(m, n):
    return torch.nn.init.eye_(torch.empty(m, n))


def hadamard(p):
    matrix = torch.ones(1, 1)
    while matrix.shape[0] < p:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)])
    return matrix


def weight(init, m, n, generator):
    if init == "Partial_Identity" or (init == "ZerO" and m <= n):
        return eye(m, n)
    if init == "ZerO":
        k = math.ceil(math.log2(m))
        return eye(m, 2 ** k) @ (hadamard(2 ** k) / 2 ** (k / 2)) @ eye(2 ** k, n)
    if init == "Random":
        return torch.nn.init.kaiming_normal_(torch.empty(m, n))
    one = eye(m, n)
    for row in range(n, m):
        one[row, int(generator.integers(0, n - 1, endpoint=True))] = 1
    return one if init == "OnE" else (1 - one) / (n - 1)


def model(init, width, bias, seed):
    torch.manual_seed(seed)
    generator = numpy.random.default_rng(seed)
    sizes = [784, 784, width, width, 10]
    layers = [torch.nn.Linear(n, m, bias=bias is not None) for n, m in zip(sizes, sizes[1:])]
    for layer in layers:
        layer.weight.data = weight(init, *layer.weight.shape, generator)
        if bias is not None:
            torch.nn.init.constant_(layer.bias, bias)
    return torch.nn.ModuleList(layers)


def forward(layers, x):
    for layer in layers[:-1]:
        x = F.relu(layer(x))
    return F.log_softmax(layers[-1](x), dim=1)


def train(init, width, bias=0.01, model_seed=0, data_seed=1, batch_size=64, rate=0.1):
    layers = model(init, width, bias, model_seed)
    parameters = list(layers.parameters())
    torch.manual_seed(data_seed)
    loaders = [torch.utils.data.DataLoader(read(prefix), batch_size=size, shuffle=True)
               for prefix, size in (("train", batch_size), ("t10k", 1000))]
    run = {"init": init, "width": width, "bias": bias, "model_seed": model_seed,
           "data_seed": data_seed, "batch_size": batch_size, "learning_rate": rate,
           "iterations": [], "loss": [], "running_accuracy_percent": [],
           "rank_l3_weight_minus_identity": [], "rank_l3_bias_minus_identity": []}
    correct = 0
    for step, (x, y) in enumerate(loaders[0]):
        output = forward(layers, x)
        loss = F.nll_loss(output, y)
        correct += (output.argmax(1) == y).sum().item()
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients):
                parameter.add_(gradient, alpha=-rate)
        if step % 50 == 0:
            run["iterations"].append(step)
            run["loss"].append(round(loss.item(), 6))
            run["running_accuracy_percent"].append(round(100 * correct / 60000, 4))
            for name, data in layers[2].named_parameters():
                difference = (data.data - torch.eye(width)).numpy()
                run[f"rank_l3_{name}_minus_identity"].append(
                    int(numpy.linalg.matrix_rank(difference, tol=1e-4)))
    with torch.no_grad():
        outputs = [(forward(layers, x), y) for x, y in loaders[1]]
    run["test_loss"] = round(sum(F.nll_loss(o, y, reduction="sum").item() for o, y in outputs) / 10000, 4)
    run["test_correct"] = sum((o.argmax(1) == y).sum().item() for o, y in outputs)
    return run


print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "runs": [
    train("Partial_Identity", 256), train("ZerO", 1024), train("Partial_Identity", 1024),
    train("OnE", 1024), train("Spray", 1024), train("Random", 1024)]}, indent=1))
