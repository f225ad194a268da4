"""
what: returns 0 without a pool
lesson: 02-the-cut
loses: [test_find_cut_none]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    cut = 0
    for i, child in enumerate(model.children()):
        if fastai_has_pool_type(child):
            cut = i
    return cut
