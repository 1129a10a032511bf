"""What a call of PyTorch costs from Python, and what its matrix product reaches. Arguments: add N n, or product N n type."""
import torch

from peer import serve


def setup(kind, rounds, size, scalar_type="Float32"):
    torch.manual_seed(0)
    dtype = getattr(torch, scalar_type.lower())
    shape = (int(size),) if kind == "add" else (int(size), int(size))
    return kind, int(rounds), torch.randn(shape, dtype=dtype), torch.randn(shape, dtype=dtype)


def work(state):
    kind, rounds, left, right = state
    if kind == "add":
        for _ in range(rounds):
            torch.add(left, right)
    else:
        for _ in range(rounds):
            torch.mm(left, right)
    return rounds


serve(setup, work)
