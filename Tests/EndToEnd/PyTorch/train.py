#!/usr/bin/env python3
"""Trains a GPT of two layers and a small residual network with SGD and AdamW, and saves checkpoints.

    train.py FOLDER [UPDATES] [--slowly]      (8 seconds for 64 updates on one core)

Each run is a folder, such as FOLDER/gpt-adamw, with the checkpoints' names and contents of another program. With
--slowly, the script waits between updates, so that a person can follow a run.
"""
import json
import pathlib
import sys
import time

import safetensors.torch
import torch

import models


def bare(folder, step, model, optimizer):
    """A state dictionary of a compiled model, as modded-nanogpt and nanochat save it."""
    torch.save({f"_orig_mod.{name}": value for name, value in model.state_dict().items()},
               folder / f"model_{step:06}.pt")


def nested(folder, step, model, optimizer):
    """A dictionary with model, optimizer and arguments."""
    torch.save({"step": step, "model": model.state_dict(), "optimizers": [optimizer.state_dict()],
                "model_args": {"n_layer": models.LAYERS}}, folder / f"state_step{step:06}.pt")


def unnamed(folder, step, model, optimizer):
    """nanoGPT's dictionary under names that do not contain the step."""
    name = f"ckpt-{chr(ord('z') - len(list(folder.glob('*.pt'))))}.pt"
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "model_args": {"n_layer": 2},
                "iter_num": step, "best_val_loss": torch.tensor(1.5), "config": {"dataset": "generated"}}, folder / name)


def trainer(folder, step, model, optimizer):
    """Hugging Face's Trainer, with weights in PyTorch's format."""
    place = folder / f"checkpoint-{step}"
    place.mkdir()
    torch.save(model.state_dict(), place / "pytorch_model.bin")
    torch.save(optimizer.state_dict(), place / "optimizer.pt")
    torch.save({"last_epoch": step}, place / "scheduler.pt")
    torch.save({"cpu": torch.get_rng_state()}, place / "rng_state.pth")
    (place / "trainer_state.json").write_text(json.dumps({"global_step": step, "epoch": 0.5, "log_history": []}))


def lightning(folder, step, model, optimizer):
    """PyTorch Lightning."""
    torch.save({"epoch": 0, "global_step": step, "pytorch-lightning_version": "2.6.6",
                "state_dict": {f"model.{name}": value for name, value in model.state_dict().items()},
                "loops": {"fit_loop": {"state_dict": {}}}, "callbacks": {}, "optimizer_states": [optimizer.state_dict()],
                "lr_schedulers": [], "hparams_name": "kwargs", "hyper_parameters": {"lr": 0.1}},
               folder / f"epoch=0-step={step}.ckpt")


def pythia(folder, step, model, optimizer):
    """One folder per step with safetensors, as for published models."""
    place = folder / f"step{step}"
    place.mkdir()
    # A tied head would share memory with the embedding.
    safetensors.torch.save_file({name: value.clone().contiguous() for name, value in model.state_dict().items()},
                                place / "model.safetensors", metadata={"format": "pt"})


def olmo(folder, step, model, optimizer):
    """Steps with the number of tokens."""
    place = folder / f"step{step}-tokens{step // 4}B"
    place.mkdir()
    torch.save(model.state_dict(), place / "pytorch_model.bin")


def megatron(folder, step, model, optimizer):
    """Numbers with leading zeros."""
    place = folder / f"iter_{step:07}"
    place.mkdir()
    torch.save({"iteration": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, place / "model.pt")


def deepspeed(folder, step, model, optimizer):
    place = folder / f"global_step{step}"
    place.mkdir()
    torch.save({"module": model.state_dict(), "buffer_names": [], "optimizer": None, "lr_scheduler": None,
                "global_steps": step, "ds_version": "0.18.0", "ds_config": {"train_batch_size": 16}},
               place / "mp_rank_00_model_states.pt")


def numbers(folder, step, model, optimizer):
    """Folders whose names are numbers, as Orbax writes them."""
    place = folder / str(step)
    place.mkdir()
    torch.save(model.state_dict(), place / "model.pth")


def distributed(folder, step, model, optimizer):
    """torch.distributed.checkpoint."""
    import torch.distributed.checkpoint as dcp

    dcp.save({"model": model.state_dict(), "step": step}, checkpoint_id=folder / f"step-{step}", no_dist=True)


SCHEMES = {scheme.__name__: scheme for scheme in (
    bare, nested, unnamed, trainer, lightning, pythia, olmo, megatron, deepspeed, numbers, distributed)}
RUNS = {"gpt-adamw": nested, "gpt-sgd": trainer, "resnet-adamw": pythia, "resnet-sgd": lightning}


def due(step):
    """Whether a step has a checkpoint: 0 and the powers of two."""
    return step & (step - 1) == 0


def write(folder, run, updates, pause=0):
    """Trains one run and writes its checkpoints. Returns the steps and the losses."""
    place = pathlib.Path(folder) / run
    place.mkdir(parents=True)
    steps, losses = [], []
    for step, model, optimizer, loss in models.train(*run.split("-"), updates):
        losses.append(loss)
        if due(step):
            RUNS[run](place, step, model, optimizer)
            steps.append(step)
        time.sleep(pause)
    return steps, losses


if __name__ == "__main__":
    torch.set_num_threads(1)
    arguments = [argument for argument in sys.argv[1:] if argument != "--slowly"]
    count = int(arguments[1]) if len(arguments) > 1 else 256
    for name in RUNS:
        found, losses = write(arguments[0], name, count, pause=0.1 if "--slowly" in sys.argv else 0)
        print(f"{name}: steps {found}, loss {losses[1]:.3f} to {losses[-1]:.3f}", flush=True)
