"""
what: "match, walrus, a generator from"
lesson: 01-look-before-you-cut
loses: []
"""

# %% leaf_layers
from __future__ import annotations


def _walk(m: "nn.Module"):
    match m._modules:
        case kids if not kids:
            yield m
        case kids:
            for k in kids.values():
                yield from _walk(k)


def leaf_layers(model: "nn.Module") -> "list[nn.Module]":
    return out if (out := [*_walk(model)]) else []
