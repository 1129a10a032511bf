"""GPT-Neo of the operators that Hugging Face's GPTNeoForCausalLM (transformers 4.28) runs, where transformers is not at hand."""
import json
import math

import torch
from torch import nn

STUDY_HEADS, WINDOW = 16, 256


class Attention(nn.Module):
    def __init__(self, width, heads, positions, window):
        super().__init__()
        self.heads = heads
        mask = torch.tril(torch.ones(positions, positions, dtype=torch.bool))
        if window is not None:
            mask = torch.bitwise_xor(mask, torch.tril(mask, -window))
        self.register_buffer("mask", mask.view(1, 1, positions, positions), persistent=False)
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.out_proj = nn.Linear(width, width)

    def split(self, tensor):
        batch, length, width = tensor.shape
        return tensor.view(batch, length, self.heads, width // self.heads).permute(0, 2, 1, 3)

    def forward(self, hidden):
        query, key, value = (self.split(projection(hidden)) for projection in (self.q_proj, self.k_proj, self.v_proj))
        scores = torch.matmul(query.to(torch.float32), key.to(torch.float32).transpose(-1, -2))   # not scaled; bf16 under autocast
        length = scores.size(-1)
        lowest = torch.tensor(torch.finfo(scores.dtype).min, dtype=scores.dtype)
        scores = torch.where(self.mask[:, :, :length, :length], scores, lowest)
        context = torch.matmul(nn.functional.softmax(scores, dim=-1).to(value.dtype), value)
        batch, _, _, size = context.shape
        return self.out_proj(context.permute(0, 2, 1, 3).contiguous().view(batch, length, self.heads * size))


class Block(nn.Module):
    def __init__(self, width, heads, positions, window):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width, eps=1e-5), nn.LayerNorm(width, eps=1e-5)
        self.attention = Attention(width, heads, positions, window)
        self.c_fc, self.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    @staticmethod
    def gelu_new(x):
        return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))

    def forward(self, hidden):
        hidden = hidden + self.attention(self.ln_1(hidden))
        return hidden + self.c_proj(self.gelu_new(self.c_fc(self.ln_2(hidden))))


class GptNeo(nn.Module):
    """Logits for the whole batch, tied head."""

    def __init__(self, width, depth, vocabulary, positions, heads=STUDY_HEADS, window=WINDOW):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(positions, width)
        self.blocks = nn.ModuleList(Block(width, heads, positions, window if layer % 2 == 1 else None) for layer in range(depth))
        self.ln_f = nn.LayerNorm(width, eps=1e-5)
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                module.weight.data.normal_(0, 0.02)
                if getattr(module, "bias", None) is not None:
                    module.bias.data.zero_()

    def load(self, path):
        """Weights from a safetensors file with Hugging Face's names."""
        with open(path, "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            data = file.read()
        names = {"wte": "transformer.wte", "wpe": "transformer.wpe", "ln_f": "transformer.ln_f"}
        for name, parameter in self.named_parameters():
            head, rest = name.split(".", 1)
            if head == "blocks":
                layer, rest = rest.split(".", 1)
                rest = rest.replace("attention.", "attn.attention.") if rest.startswith("attention.") else "mlp." + rest if rest.startswith("c_") else rest
                stored = f"transformer.h.{layer}.{rest}"
            else:
                stored = f"{names[head]}.{rest}"
            start, end = header[stored]["data_offsets"]
            values = torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32)
            parameter.data.copy_(values.view(header[stored]["shape"]))

    def loss(self, ids):
        """Mean cross-entropy in float32 over the shifted targets."""
        hidden = self.wte(ids) + self.wpe(torch.arange(ids.size(1)))
        for block in self.blocks:
            hidden = block(hidden)
        logits = self.lm_head(self.ln_f(hidden)).to(torch.float32)
        shifted = logits[..., :-1, :].contiguous()
        return nn.functional.cross_entropy(shifted.view(-1, shifted.size(-1)), ids[..., 1:].contiguous().view(-1))


def optimizer_of(model, rate, decay):
    """torch's AdamW as the Hugging Face trainer groups it: no decay on biases and LayerNorms."""
    decayed = [p for name, p in model.named_parameters() if not name.endswith("bias") and "ln_" not in name]
    others = [p for name, p in model.named_parameters() if name.endswith("bias") or "ln_" in name]
    return torch.optim.AdamW([{"params": decayed, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}], lr=rate)


def step(model, optimizer, ids, autocast=True):
    """One training step; its loss before the step."""
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        loss = model.loss(ids)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()
