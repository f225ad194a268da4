"""
what: "functools.singledispatch"
lesson: 06-assembly
loses: []
"""

# %% apply_init
from functools import singledispatch


@singledispatch
def _init_one(layer, func):
    w = getattr(layer, "weight", None)
    if w is not None and w.requires_grad:
        func(w)
        if getattr(layer, "bias", None) is not None:
            nn.init.constant_(layer.bias, 0.0)


@_init_one.register(nn.LayerNorm)
@_init_one.register(nn.modules.batchnorm._NormBase)
def _(layer, func):
    """Normen bleiben, wie sie sind."""


def apply_init(m, func=nn.init.kaiming_normal_):
    m.apply(lambda layer: _init_one(layer, func))
    return m
