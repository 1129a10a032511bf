"""CDNV and log distances as the reference library computes them: tiles of explicit differences. Arguments: K, d, type.

float64 is what class means are stored in, ours and theirs; float32 is the same in half the memory and time.
"""
import torch

from peer import serve

TILE = 1024


def setup(classes, dimension, type):
    torch.manual_seed(0)
    torch.set_default_dtype(getattr(torch, type))
    return torch.randn(int(classes), int(dimension)), torch.rand(int(classes))


def work(state):
    means, variances = state
    classes = len(means)
    centred = means - means.mean(0)
    units = centred / centred.norm(dim=1, keepdim=True)
    cdnv = torch.zeros(classes, classes)
    logdist = torch.zeros(classes, classes)
    for i in range(0, classes, TILE):
        for j in range(0, classes, TILE):
            rows, columns = slice(i, i + TILE), slice(j, j + TILE)
            differences = means[rows, None] - means[None, columns]
            distances = (differences * differences).sum(-1)
            cdnv[rows, columns] = (variances[rows, None] + variances[None, columns]) / (2 * distances)
            logdist[rows, columns] = -(units[rows, None] - units[None, columns]).norm(dim=-1).log()
    upper = torch.triu_indices(classes, classes, 1)
    return [cdnv[upper[0], upper[1]].double().mean().item(), logdist[upper[0], upper[1]].double().mean().item()]


serve(setup, work)
