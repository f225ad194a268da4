"""
what: a layer counts as its own child
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model: nn.Module) -> int:
    return len(list(model.children())) or 1
