"""
what: "recursion from the back"
lesson: 02-the-cut
loses: []
"""


# %% find_cut
def find_cut(model: nn.Module, _i=None):
    kids = list(model.children())
    i = len(kids) - 1 if _i is None else _i
    if i < 0:
        raise LookupError("kein Pool")
    return i if fastai_has_pool_type(kids[i]) else find_cut(model, i - 1)
