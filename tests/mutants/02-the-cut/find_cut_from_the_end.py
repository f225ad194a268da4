"""
what: counts from the end
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    for i, child in enumerate(reversed(list(model.children()))):
        if fastai_has_pool_type(child):
            return i
    raise ValueError("no pooling layer")
