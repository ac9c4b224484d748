"""The three products of each convolution of ResNet-20 and ResNet-18 on images of 28 x 28, compared with oneDNN's.

    convolutions.py BENCHMARKS [--short]

For each shape the two programs alternate three times as whole processes. A row contains the median milliseconds of both for the forward pass,
the input gradient and the weight gradient, and oneDNN's time divided by zerolab's. The last rows add the times of all
convolutions of a network; --short measures only two and adds these.
"""
import statistics
import sys

from sides import HERE, REPETITIONS, SHORT, output

# Inputs, outputs, kernel, stride, size of the image, and how many convolutions of the network have the shape.
NETWORKS = {
    "ResNet-20": (128, [(1, 16, 3, 1, 28, 1), (16, 16, 3, 1, 28, 6), (16, 32, 3, 2, 28, 1), (16, 32, 1, 2, 28, 1),
                        (32, 32, 3, 1, 14, 5), (32, 64, 3, 2, 14, 1), (32, 64, 1, 2, 14, 1), (64, 64, 3, 1, 7, 5)]),
    "ResNet-18": (64, [(1, 64, 3, 1, 28, 1), (64, 64, 3, 1, 28, 4), (64, 128, 3, 2, 28, 1), (64, 128, 1, 2, 28, 1),
                       (128, 128, 3, 1, 14, 3), (128, 256, 3, 2, 14, 1), (128, 256, 1, 2, 14, 1),
                       (256, 256, 3, 1, 7, 3), (256, 512, 3, 2, 7, 1), (256, 512, 1, 2, 7, 1), (512, 512, 3, 1, 4, 3)]),
}


def times(*command):
    return [float(word) for word in output(*command)[0].split()]


def cells(ours, theirs):
    return "  ".join(f"{our:8.2f} {their:8.2f} {their / our:5.2f}" if our else 23 * " " for our, their in zip(ours, theirs))


def main():
    print("milliseconds of zerolab, of oneDNN through PyTorch, and the second divided by the first")
    print(f"{'inputs, outputs, taps, stride, size':38}{'forward':>23}{'input gradient':>25}{'weight gradient':>25}")
    for network, (samples, shapes) in NETWORKS.items():
        print(f"{network}, {samples} samples")
        sums = [0.0] * 3, [0.0] * 3
        for *shape, count in shapes[:2] if SHORT else shapes:
            runs = [(times(sys.argv[1], "convolution", *shape, samples),
                     times(sys.executable, HERE / "torch_convolution.py", *shape, samples)) for _ in range(REPETITIONS)]
            medians = [[statistics.median(values) for values in zip(*side)] for side in zip(*runs)]
            if shape[0] == 1:  # the gradient of the images is not computed
                for side in medians:
                    side[1] = 0
            for total, side in zip(sums, medians):
                total[:] = [sum_ + count * value for sum_, value in zip(total, side)]
            name = ", ".join(map(str, shape)) + (f" ({count} times)" if count > 1 else "")
            print(f"{name:38}{cells(*medians)}", flush=True)
        what = "these" if SHORT else "all convolutions of an update"
        print(f"{what:38}{cells(*sums)}   all products {sum(sums[1]) / sum(sums[0]):.2f}")


if __name__ == "__main__":
    main()
