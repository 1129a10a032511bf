"""Training steps as Hugging Face's trainer makes them: bf16 autocast, logits of the whole batch, torch's AdamW. Arguments: depth, d, batch, context, K."""
import torch

import gptneo
from peer import serve


def setup(depth, width, batch, context, vocabulary):
    torch.manual_seed(0)
    model = gptneo.GptNeo(int(width), int(depth), int(vocabulary), int(context))
    return model, gptneo.optimizer_of(model, 5e-5, 0.1), torch.randint(0, int(vocabulary), (int(batch), int(context)))


def work(state):
    return gptneo.step(*state)


serve(setup, work)
