"""
The peer's validation losses over a training run with the same data, data order, first weights and schedule as one of `ncctl train`:

    ncctl train --dataset DATA --output RUN --width 64 --depth 2 --precision bfloat16 --kept-model-interval 1000000 --evaluation-interval N ...
    train_curve.py DATA RUN/checkpoints/step-0 --seed S --batch-size B --learning-rate R --weight-decay W --evaluation-interval N

Prints lines like metrics.jsonl's.
"""
import argparse
import array
import json
import os

import torch

import gptneo

MASK = (1 << 64) - 1


def permutation(count, seed, epoch):
    """NcService.Core.Training.DataOrder, from its description: SplitMix64, Lemire's multiply-and-reject, Fisher-Yates from the end."""
    state = ((seed & 0xFFFFFFFF) * 0x9E3779B97F4A7C15 + epoch * 0xD1B54A32D192ED03) & MASK

    def below(bound):
        nonlocal state
        threshold = ((1 << 64) - bound) % bound
        while True:
            state = (state + 0x9E3779B97F4A7C15) & MASK
            z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            product = (z ^ (z >> 31)) * bound
            if product & MASK >= threshold:
                return product >> 64

    order = list(range(count))
    for last in range(count - 1, 0, -1):
        other = below(last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def read(folder, name, manifest):
    tokens = array.array("H" if manifest["bytesPerToken"] == 2 else "I")
    with open(os.path.join(folder, name), "rb") as file:
        tokens.frombytes(file.read())
    return torch.tensor(tokens, dtype=torch.int64).view(-1, manifest["contextLength"])


parser = argparse.ArgumentParser()
parser.add_argument("dataset")
parser.add_argument("checkpoint")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--batch-size", type=int, default=16)
parser.add_argument("--learning-rate", type=float, default=5e-5)
parser.add_argument("--weight-decay", type=float, default=0.0)
parser.add_argument("--evaluation-interval", type=int, default=100)
parser.add_argument("--evaluation-chunks", type=int, default=128)
options = parser.parse_args()

torch.set_num_threads(2)
with open(os.path.join(options.dataset, "dataset.json")) as file:
    manifest = json.load(file)
with open(os.path.join(options.checkpoint, "config.json")) as file:
    config = json.load(file)
train, validation = read(options.dataset, "train.bin", manifest), read(options.dataset, "validation.bin", manifest)
model = gptneo.GptNeo(
    config["hidden_size"], config["num_layers"], config["vocab_size"], config["max_position_embeddings"], config["num_heads"], config["window_size"]
)
model.load(os.path.join(options.checkpoint, "model.safetensors"))
optimizer = gptneo.optimizer_of(model, options.learning_rate, options.weight_decay)


def validate(chunks):
    total = 0.0
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in range(0, len(chunks), options.batch_size):
            batch = chunks[start : start + options.batch_size]
            total += model.loss(batch).item() * len(batch)
    return total / len(chunks)


order = permutation(len(train), options.seed, 0)
steps = (len(train) + options.batch_size - 1) // options.batch_size
print(json.dumps({"step": 0, "tokens": 0, "validationLoss": validate(validation)}), flush=True)
for step in range(steps):
    for group in optimizer.param_groups:
        group["lr"] = options.learning_rate * (steps - step) / steps
    chosen = order[step * options.batch_size : (step + 1) * options.batch_size]
    gptneo.step(model, optimizer, train[chosen])
    if (step + 1) % options.evaluation_interval == 0 and step + 1 < steps:
        tokens = (step + 1) * options.batch_size * train.shape[1]
        print(json.dumps({"step": step + 1, "tokens": tokens, "validationLoss": validate(validation[: options.evaluation_chunks])}), flush=True)
print(json.dumps({"step": steps, "tokens": train.numel(), "validationLoss": validate(validation)}), flush=True)
