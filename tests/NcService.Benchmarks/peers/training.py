"""A GPT-Neo training step as Hugging Face's trainer makes it on the CPU: bf16 autocast, logits of the whole batch,
fp32 cross-entropy, AdamW. Arguments: layers, width, heads, vocabulary, context, batch. The value is tokens per second."""
import math
import time

import torch
from torch import nn
from torch.nn import functional as F

from peer import serve


class Block(nn.Module):
    def __init__(self, width, heads, window):
        super().__init__()
        self.heads, self.window = heads, window
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.out, self.fc, self.proj = nn.Linear(width, width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        h = self.ln_1(x)
        q, k, v = (f(h).view(batch, length, self.heads, -1).transpose(1, 2) for f in (self.q, self.k, self.v))
        scores = q @ k.transpose(-1, -2)
        mask = torch.ones(length, length, dtype=torch.bool).tril()
        if self.window:
            mask &= ~torch.ones(length, length, dtype=torch.bool).tril(-self.window)
        scores = torch.where(mask, scores, torch.tensor(torch.finfo(scores.dtype).min, dtype=scores.dtype))
        h = (scores.softmax(-1).to(v.dtype) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(h)
        h = self.fc(self.ln_2(x))
        h = 0.5 * h * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (h + 0.044715 * torch.pow(h, 3.0))))
        return x + self.proj(h)


class GptNeo(nn.Module):
    def __init__(self, layers, width, heads, vocabulary, context):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, 256 if i % 2 else 0) for i in range(layers))
        self.ln_f = nn.LayerNorm(width)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, 0, 0.02)

    def forward(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return F.linear(self.ln_f(x), self.wte.weight)


def setup(layers, width, heads, vocabulary, context, batch):
    torch.manual_seed(0)
    model = GptNeo(int(layers), int(width), int(heads), int(vocabulary), int(context))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.0005)
    ids = torch.randint(0, int(vocabulary), (int(batch), int(context)))
    return model, optimizer, ids


def work(state):
    model, optimizer, ids = state
    start = time.perf_counter()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(ids)
    logits = logits.float()
    loss = F.cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return ids.numel() / (time.perf_counter() - start)


serve(setup, work)
