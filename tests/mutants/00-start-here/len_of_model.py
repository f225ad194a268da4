"""
what: len of a Sequential, else two
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model: nn.Module) -> int:
    return len(model) if isinstance(model, nn.Sequential) else 2
