#!/usr/bin/env python3
"""Trains ZerO at n_h = 2048 with the authors' settings in PyTorch, in single precision and in simulated TensorFloat-32.

    make tensor-float      (makes the Python environment and calls this script; twenty minutes)

On NVIDIA GPUs since Ampere, PyTorch 1.7 to 1.11 computed matrix products in TensorFloat-32 by default: the operands are
rounded to a 10-bit mantissa, sums are in single precision (NVIDIA A100 Tensor Core GPU Architecture, 2020). The script
rounds the operands of every product, forward and backward, on any processor. After each epoch it prints the rank of
l3.weight - I at tolerance 1e-4, the largest difference between elements of initially identical hidden units, the first
singular value beyond the ceiling 1034 of exact arithmetic, and the number of correct test images.
"""
import pathlib
import sys

import numpy
import torch

import peer

MNIST = pathlib.Path(__file__).parents[3] / "Sources/Learning/Datasets/MNIST"
WIDTH, CEILING = 2048, 1034


def rounded(x):
    """Rounds to a 10-bit mantissa, ties to even."""
    bits = x.contiguous().view(torch.int32)
    return ((bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFF).view(torch.float32)


class RoundedProduct(torch.autograd.Function):
    """x·Wᵀ with rounded operands, also in the backward pass."""

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
    """The largest difference between units i and i + 1024, without ten pairs that the last layer distinguishes."""
    half = WIDTH // 2
    rows, columns = change[10:half] - change[half + 10:], change[:, 10:half] - change[:, half + 10:]
    return max(abs(rows).max(), abs(columns).max())


def main():
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print("| products | epoch | rank at 1e-4 | difference of units | first value beyond the ceiling | correct |")
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
