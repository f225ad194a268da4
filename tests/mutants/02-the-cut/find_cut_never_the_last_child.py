"""
what: the last child is left out of the search
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    pools = [i for i, child in enumerate(model.children()) if fastai_has_pool_type(child)]
    pools = [i for i in pools if i < len(list(model.children())) - 1] or pools[:1]
    if not pools:
        raise ValueError("no pooling layer")
    return pools[-1]
