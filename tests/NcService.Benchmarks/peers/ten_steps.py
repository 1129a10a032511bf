"""Ten steps of the golden checkpoint as the Hugging Face trainer makes them, in PyTorch and float32: where TenStepTests' losses come from. Argument: golden/gptneo."""
import json
import sys

import torch

import gptneo

folder = sys.argv[1]
with open(f"{folder}/parity.json") as file:
    parity = json.load(file)
with open(f"{folder}/config.json") as file:
    config = json.load(file)
run = parity["optimizer_runs"]["trainer"]
ids = torch.tensor(parity["cases"][parity["gradient_of_case"]]["input_ids"])


def losses(steps):
    model = gptneo.GptNeo(
        config["hidden_size"], config["num_layers"], config["vocab_size"], config["max_position_embeddings"], config["num_heads"], config["window_size"]
    )
    model.load(f"{folder}/model.safetensors")
    rate = run["lr_per_step"][0]
    optimizer = gptneo.optimizer_of(model, rate, run["weight_decay"])
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (steps - step) / steps
        yield gptneo.step(model, optimizer, ids, autocast=False)


# The five golden steps first: the stand-in is the reference model.
for ours, golden in zip(losses(5), run["loss_before_step"]):
    assert abs(ours - golden) < 1e-5 * golden, (ours, golden)
print(run["lr_per_step"], run["weight_decay"])
print(", ".join(f"{loss:.6f}" for loss in losses(10)))
