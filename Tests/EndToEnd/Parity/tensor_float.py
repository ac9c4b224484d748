#!/usr/bin/env python3
"""ZerO at n_h = 2048 by the authors' settings in PyTorch, with products of single precision and of TensorFloat-32.

    make tensor-float      (makes the Python environment and calls this; twenty minutes)

On a graphics processor of NVIDIA's from Ampere on, PyTorch 1.7 to 1.11 took TensorFloat-32 for products unless told otherwise:
factors rounded to 10 bits behind the point, sums in single precision (NVIDIA A100 Tensor Core GPU Architecture, 2020).
Here the factors of every product, forward and backward, are rounded so on any processor. Printed are, after each epoch,
rank(l3.weight - I), how far copies of hidden units have parted (the largest difference of elements), the largest singular
value beyond the ceiling of exact arithmetic, 1034, and the right test images.
"""
import pathlib
import sys

import numpy
import torch

import peer

MNIST = pathlib.Path(__file__).parents[3] / "Sources/Learning/Datasets/MNIST"
WIDTH, CEILING = 2048, 1034


def rounded(x):
    """To the nearest number with 10 bits behind the point; of two, the even one."""
    bits = x.contiguous().view(torch.int32)
    return ((bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFF).view(torch.float32)


class RoundedProduct(torch.autograd.Function):
    """x·Wᵀ of rounded factors, as its gradients."""

    @staticmethod
    def forward(context, x, weight):
        x, weight = rounded(x), rounded(weight)
        context.save_for_backward(x, weight)
        return x @ weight.T

    @staticmethod
    def backward(context, gradient):
        x, weight = context.saved_tensors
        gradient = rounded(gradient)
        return gradient @ weight, gradient.T @ x


class RoundedLinear(torch.nn.Linear):
    def forward(self, x):
        return RoundedProduct.apply(x, self.weight)


def copies_apart(change):
    """Units i and i + 1024 start as copies; the first ten, and theirs, are told apart by the last layer."""
    half = WIDTH // 2
    rows, columns = change[10:half] - change[half + 10:], change[:, 10:half] - change[:, half + 10:]
    return max(abs(rows).max(), abs(columns).max())


def main():
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print("| products | epoch | rank | copies apart | largest value beyond the ceiling | right |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for name, layer in (("TensorFloat-32", RoundedLinear), ("float32", torch.nn.Linear)):
        model = peer.MLP("ZerO", WIDTH, None, 0)
        for module in model.layers():
            module.__class__ = layer
        epoch = 0
        for kind, _, correct, _ in peer.train(model, MNIST, seed=1, epochs=epochs, rate=0.1, gamma=0.7, step_size=12):
            if kind != "test":
                continue
            epoch += 1
            change = model.l3.weight.detach().double().numpy() - numpy.eye(WIDTH)
            values = numpy.linalg.svd(change, compute_uv=False)
            print(f"| {name} | {epoch} | {(values > 1e-4).sum()} | {copies_apart(change):.1e} "
                  f"| {values[CEILING]:.1e} | {correct} |", flush=True)


main()
