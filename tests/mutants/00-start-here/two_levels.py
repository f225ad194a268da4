"""
what: takes away the second level only
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model: nn.Module) -> int:
    parts = len(list(model.modules())) - 1
    return parts - sum(len(list(child.children())) for child in model.children())
