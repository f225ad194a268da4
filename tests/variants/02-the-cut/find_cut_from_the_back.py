"""
what: walks back from the end
lesson: 02-the-cut
loses: []
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    children = list(model.children())
    i = len(children) - 1
    while not fastai_has_pool_type(children[i]):
        i -= 1
        if i < 0:
            raise RuntimeError("this model has no pooling layer")
    return i
