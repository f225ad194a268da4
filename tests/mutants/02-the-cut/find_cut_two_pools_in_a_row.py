"""
what: of two pooling layers in a row the first
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    pools = [i for i, child in enumerate(model.children()) if fastai_has_pool_type(child)]
    if not pools:
        raise ValueError("no pooling layer")
    last = pools[-1]
    return last - 1 if last - 1 in pools else last
