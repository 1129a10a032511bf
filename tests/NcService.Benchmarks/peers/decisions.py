"""Decisions as the reference library takes them: the whole score matrices of a batch in float32. Arguments: K, d, batch."""
import torch

from peer import serve


def setup(classes, dimension, batch):
    torch.manual_seed(0)
    classes, dimension, batch = int(classes), int(dimension), int(batch)
    return torch.randn(batch, dimension), torch.randn(classes, dimension) / 2, torch.randn(classes, dimension)


def work(state):
    features, means, classifier = state
    dots = torch.inner(features, means)
    squares = torch.norm(features, dim=-1) ** 2
    distances = squares.unsqueeze(1) + (torch.norm(means, dim=-1) ** 2).unsqueeze(0) - 2 * dots
    nearest = distances.argmin(dim=-1)
    linear = (features @ classifier.mT).argmax(dim=-1)
    return int((nearest == linear).sum())


serve(setup, work)
