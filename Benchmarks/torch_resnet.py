"""The PyTorch program of the comparison of residual networks.

    torch_resnet.py resnet20|resnet18 BATCH_SIZE UPDATES default|channels_last

It trains torchvision's network, with a first convolution of 3 x 3 and without pooling, as for small images, on Fashion-MNIST's size of images by
SGD with momentum, and makes a test pass on a sixth of the images, on all cores. It prints the seconds from the first batch to the end of the test
pass, and the peak memory of the process in MiB.
"""
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torchvision.models.resnet import BasicBlock, ResNet

NETWORKS = {"resnet20": ([3, 3, 3], [16, 32, 64]), "resnet18": ([2, 2, 2, 2], [64, 128, 256, 512])}


class SmallImages(ResNet):
    """torchvision's network with other stages and another first convolution."""

    def __init__(self, blocks, widths):
        super().__init__(BasicBlock, [1, 1, 1, 1], num_classes=10)
        self.inplanes = widths[0]
        self.conv1 = torch.nn.Conv2d(1, widths[0], 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(widths[0])
        self.maxpool = torch.nn.Identity()
        for stage in range(4):
            layers = torch.nn.Identity() if stage >= len(blocks) else self._make_layer(
                BasicBlock, widths[stage], blocks[stage], stride=2 if stage else 1)
            setattr(self, f"layer{stage + 1}", layers)
        self.fc = torch.nn.Linear(widths[-1], 10)


def main():
    name, batch_size, updates, layout = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(os.cpu_count())
    model = SmallImages(*NETWORKS[name])
    images = torch.rand(batch_size * updates, 1, 28, 28)
    labels = torch.randint(0, 10, (len(images),))
    if layout == "channels_last":
        model = model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    start = time.perf_counter()
    for chosen in torch.randperm(len(labels)).split(batch_size):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images[chosen]), labels[chosen])
        loss.backward()
        optimizer.step()
        loss.item()
    model.eval()
    with torch.no_grad():
        for part in images[:len(images) // 6].split(batch_size):
            model(part).argmax(1).sum().item()
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


main()
