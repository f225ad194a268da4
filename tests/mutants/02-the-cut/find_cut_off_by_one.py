"""
what: keeps the pool, one too far
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    with_pool = [i for i, child in enumerate(model.children()) if fastai_has_pool_type(child)]
    return with_pool[-1] + 1
