"""
what: "flatten by numpy's way of saying, unflatten back and forth"
lesson: 04-bricks
loses: []
"""

# %% Flatten
import math


class Flatten(nn.Module):
    forward = staticmethod(
        lambda x: x.contiguous().as_strided(
            (len(x), math.prod(x.shape[1:])), (math.prod(x.shape[1:]), 1)
        )
    )
