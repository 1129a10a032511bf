"""Class means and variances as the reference library accumulates them: one-hot matrices times the features, in two passes. Arguments: K, d, batch."""
import torch

from peer import serve


def setup(classes, dimension, batch):
    torch.manual_seed(0)
    classes, dimension, batch = int(classes), int(dimension), int(batch)
    return torch.randn(batch, dimension), torch.randint(0, classes, (batch,)), torch.zeros(classes, dimension), torch.zeros(classes), torch.zeros(classes, dtype=torch.int32)


def one_hot(labels, counts):
    indices = labels[:, None] == torch.arange(len(counts), dtype=torch.int32)
    counts += indices.sum(0, dtype=torch.int32)
    return indices


def work(state):
    features, labels, sums, variances, counts = state
    sums += one_hot(labels, counts).mT.to(features.dtype) @ features
    indices = one_hot(labels, counts)
    squares = (features - sums[labels]) ** 2
    variances += (indices.mT.to(features.dtype) @ squares).sum(-1)
    return len(labels)


serve(setup, work)
