#!/usr/bin/env python3
"""Makes training_curves.json: the notebook's pipeline in PyTorch (CPU), one epoch of MNIST.

    pip install -r ../../EndToEnd/Parity/requirements.txt
    python3 generate_training_curves.py > training_curves.json

The initializers of l1 … l4 draw from one generator, after model_seed has been given to
torch.manual_seed and numpy.random.default_rng and nn.Linear has made its own draws; data_seed goes to
torch.manual_seed after that, before the two shuffling loaders are iterated. The rank is
numpy.linalg.matrix_rank(l3.weight - I, tol=1e-4), taken after the update.
"""
import json
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).parents[3]
sys.path.append(str(ROOT / "Tests/EndToEnd/Parity"))
import peer


def run(init, width, bias=0.01, model_seed=0, data_seed=1, batch_size=64, rate=0.1):
    model = peer.MLP(init, width, bias, model_seed)
    result = {"init": init, "width": width, "bias": bias, "model_seed": model_seed,
              "data_seed": data_seed, "batch_size": batch_size, "learning_rate": rate,
              "iterations": [], "loss": [], "running_accuracy_percent": [],
              "rank_l3_weight_minus_identity": [], "rank_l3_bias_minus_identity": []}
    events = peer.train(
        model, ROOT / "Sources/Learning/Datasets/MNIST", seed=data_seed, batch_size=batch_size, rate=rate)
    for step, (kind, loss, correct, _) in enumerate(events):
        if kind == "test":
            result["test_loss"], result["test_correct"] = round(loss, 4), correct
        elif step % 50 == 0:
            result["iterations"].append(step)
            result["loss"].append(round(loss, 6))
            result["running_accuracy_percent"].append(round(100 * correct / 60000, 4))
            result["rank_l3_weight_minus_identity"].append(peer.rank(model.l3.weight))
            result["rank_l3_bias_minus_identity"].append(peer.rank(model.l3.bias))
    return result


print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "runs": [
    run("Partial_Identity", 256), run("ZerO", 1024), run("Partial_Identity", 1024),
    run("OnE", 1024), run("Spray", 1024), run("Random", 1024)]}, indent=1))
