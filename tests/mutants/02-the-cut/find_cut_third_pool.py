"""
what: the third child with a pooling layer, not the last
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    pools = [i for i, child in enumerate(model.children()) if fastai_has_pool_type(child)]
    if not pools:
        raise ValueError("no pooling layer")
    return pools[:3][-1]
