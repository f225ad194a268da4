"""
what: a negative index
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    children = list(model.children())
    for i in range(1, len(children) + 1):
        if fastai_has_pool_type(children[-i]):
            return -i
    raise ValueError("no pooling layer")
