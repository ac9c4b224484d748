#!/usr/bin/env python3
"""Makes random_streams.json: values that PyTorch (CPU) and NumPy draw from given seeds.

    pip install -r ../../EndToEnd/Parity/requirements.txt
    python3 generate_random_streams.py > random_streams.json
"""
import hashlib
import json

import numpy
import torch


def kaiming_normal(seed, shape):
    torch.manual_seed(seed)
    flat = torch.nn.init.kaiming_normal_(torch.empty(*shape)).flatten().double()
    return {"seed": seed, "shape": list(shape), "first": flat[:8].tolist(), "last": flat[-8:].tolist(),
            "sum": flat.sum().item(), "sumsq": (flat ** 2).sum().item()}


class Positions(torch.utils.data.Dataset):
    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return index


def digest(order):
    return hashlib.sha256(numpy.asarray(order, dtype="<i4").tobytes()).hexdigest()


def batches(seed, epochs=2):
    torch.manual_seed(seed)
    train = torch.utils.data.DataLoader(Positions(60000), batch_size=64, shuffle=True)
    test = torch.utils.data.DataLoader(Positions(10000), batch_size=1000, shuffle=True)
    result = []
    for _ in range(epochs):
        trained = torch.cat(list(train)).tolist()
        tested = torch.cat(list(test)).tolist()
        result.append({"train_first": trained[:10], "train_last": trained[-5:],
                       "train_sha": digest(trained), "test_first": tested[:10],
                       "test_sha": digest(tested)})
    return {"seed": seed, "epochs": result}


def one_columns(seed, rows, inputs):
    generator = numpy.random.default_rng(seed)
    columns = [int(generator.integers(0, inputs - 1, endpoint=True)) for _ in range(inputs, rows)]
    return {"seed": seed, "shape": [rows, inputs], "cols": columns}


def small_normals(seed, counts):
    """Scalar draws keep a second value for the next call, so the order of calls matters."""
    torch.manual_seed(seed)
    return {"seed": seed, "calls": [torch.empty(count).normal_(0.5, 2.0).tolist() for count in counts]}


def default_linear(seed, bias):
    """What is left of the stream once nn.Linear has filled two layers."""
    torch.manual_seed(seed)
    torch.nn.Linear(5, 7, bias=bias)
    torch.nn.Linear(7, 3, bias=bias)
    return {"seed": seed, "bias": bias, "next": torch.empty(20).normal_().tolist()}


def uniforms(seed):
    torch.manual_seed(seed)
    return {"seed": seed, "lower": -0.3, "upper": 0.45,
            "values": torch.empty(19).uniform_(-0.3, 0.45).tolist(),
            "integers": [str(torch.empty((), dtype=torch.int64).random_().item()) for _ in range(4)]}


def initial_weight(name, function, seed, shape):
    torch.manual_seed(seed)
    return {"name": name, "seed": seed, "shape": list(shape),
            "values": function(torch.empty(*shape)).flatten().tolist()}


def initial_weights():
    init = torch.nn.init
    rules = [("Random", init.kaiming_normal_),
             ("KaimingUniform", lambda t: init.kaiming_uniform_(t, nonlinearity="relu")),
             ("XavierNormal", init.xavier_normal_), ("XavierUniform", init.xavier_uniform_),
             ("Orthogonal", init.orthogonal_)]
    return [initial_weight(name, rule, 40 + i, shape)
            for name, rule in rules for i, shape in enumerate([(3, 4), (7, 5), (5, 7), (24, 9)])]


def numpy_words(seed):
    words = numpy.random.default_rng(seed).bit_generator.random_raw(4)
    return {"seed": str(seed), "words": [str(word) for word in words]}


print(json.dumps({
    "kaiming_normal": [kaiming_normal(0, (784, 784)), kaiming_normal(1, (100, 30)),
                       kaiming_normal(2, (3, 4)), kaiming_normal(3, (10, 256)),
                       kaiming_normal(2 ** 32 + 3, (33, 17))],
    "batches": [batches(seed) for seed in (0, 1, 2)],
    "one_columns": [one_columns(1, 1024, 784), one_columns(2, 300, 256), one_columns(3, 40, 5)],
    "small_normals": [small_normals(11, [1, 3, 15, 2]), small_normals(12, [1, 20, 1])],
    "default_linear": [default_linear(5, True), default_linear(5, False)],
    "uniforms": [uniforms(21), uniforms(22)],
    "initial_weights": initial_weights(),
    "numpy_words": [numpy_words(0), numpy_words(1), numpy_words(2 ** 32 + 7), numpy_words(2 ** 64 - 1)],
}))
