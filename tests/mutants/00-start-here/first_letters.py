"""
what: counts the first letters of the names
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model: nn.Module) -> int:
    return len({name[0] for name, _ in model.named_children()})
