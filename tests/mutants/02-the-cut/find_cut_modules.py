"""
what: counts all modules instead of children
lesson: 02-the-cut
loses: [test_find_cut, test_find_cut_none]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    with_pool = [i for i, m in enumerate(model.modules()) if fastai_has_pool_type(m)]
    return with_pool[-1]
