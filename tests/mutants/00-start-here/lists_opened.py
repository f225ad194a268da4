"""
what: opens lists
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model: nn.Module) -> int:
    return sum(len(c) if isinstance(c, nn.ModuleList) else 1 for c in model.children())
