"""
what: fastai's recursion over children, norm types by its own tuple
lesson: 06-assembly
"""

# %% apply_init
from fastai.torch_core import norm_types


def apply_init(m, func=nn.init.kaiming_normal_):
    own = list(m.parameters(recurse=False))
    if own and own[0].requires_grad and not isinstance(m, norm_types):
        if hasattr(m, "weight"):
            func(m.weight)
        if getattr(m, "bias", None) is not None:
            m.bias.data.fill_(0.0)
    for child in m.children():
        apply_init(child, func)
