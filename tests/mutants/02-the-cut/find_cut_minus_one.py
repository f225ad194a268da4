"""
what: returns -1 without a pool
lesson: 02-the-cut
loses: [test_find_cut_none]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    return max((i for i, c in enumerate(model.children()) if fastai_has_pool_type(c)), default=-1)
