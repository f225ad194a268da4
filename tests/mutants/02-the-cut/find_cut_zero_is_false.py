"""
what: takes index 0 for nothing found
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    cut = None
    for i, child in enumerate(model.children()):
        if fastai_has_pool_type(child):
            cut = i
    if not cut:
        raise ValueError("no pooling layer")
    return cut
