"""The PyTorch program of the comparison of convolutions.

    torch_convolution.py INPUTS OUTPUTS KERNEL STRIDE SIZE SAMPLES

It prints the milliseconds of a convolution's forward pass, input gradient and weight gradient on all cores by oneDNN, PyTorch's
library for them, each in the faster of the layouts default and channels_last. A time is the median of five measurements after a warm-up, each of as
many calls as take about a tenth of a second.
"""
import os
import statistics
import sys
import time

import torch

inputs, outputs, kernel, stride, size, samples = map(int, sys.argv[1:])
torch.set_num_threads(os.cpu_count())
assert torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled


def milliseconds(product):
    def seconds(calls):
        start = time.perf_counter()
        for _ in range(calls):
            product()
        return time.perf_counter() - start

    product()
    calls = max(1, int(0.1 / seconds(1)))
    return 1e3 * statistics.median(seconds(calls) / calls for _ in range(5))


def products(layout):
    images = torch.randn(samples, inputs, size, size).contiguous(memory_format=layout)
    weight = torch.randn(outputs, inputs, kernel, kernel).contiguous(memory_format=layout)
    gradient = torch.randn_like(torch.nn.functional.conv2d(images, weight, None, stride, kernel // 2))

    def backward(to_input, to_kernel):
        return torch.ops.aten.convolution_backward(
            gradient, images, weight, None, [stride] * 2, [kernel // 2] * 2, [1, 1], False, [0, 0], 1,
            [to_input, to_kernel, False])
    return [milliseconds(lambda: torch.nn.functional.conv2d(images, weight, None, stride, kernel // 2)),
            milliseconds(lambda: backward(True, False)), milliseconds(lambda: backward(False, True))]


with torch.no_grad():
    both = zip(products(torch.contiguous_format), products(torch.channels_last))
    print(*(f"{min(times):.4f}" for times in both))
