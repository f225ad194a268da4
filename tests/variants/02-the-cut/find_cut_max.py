"""
what: max of the indices; max of nothing raises
lesson: 02-the-cut
loses: []
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    return max(i for i, child in enumerate(model.children()) if fastai_has_pool_type(child))
