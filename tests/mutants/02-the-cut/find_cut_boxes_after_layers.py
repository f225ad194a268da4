"""
what: a pool that is a child itself goes before those in a box
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    pools = [i for i, child in enumerate(model.children()) if fastai_has_pool_type(child)]
    if not pools:
        raise ValueError("no pooling layer")
    alone = [i for i in pools if type(list(model.children())[i]).__name__.endswith("Pool2d")]
    return (alone or pools)[-1]
