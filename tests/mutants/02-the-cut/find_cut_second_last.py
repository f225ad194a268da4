"""
what: always the second child from the end
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model: nn.Module) -> int:
    children = list(model.children())
    if not any(fastai_has_pool_type(child) for child in children):
        raise ValueError("no pooling layer")
    return len(children) - 2
