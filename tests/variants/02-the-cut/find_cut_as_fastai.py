"""
what: fastai's own two lines, a bare StopIteration
lesson: 02-the-cut
loses: []
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    ll = list(enumerate(model.children()))
    return next(i for i, o in reversed(ll) if fastai_has_pool_type(o))
