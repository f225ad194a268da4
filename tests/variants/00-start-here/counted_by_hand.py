"""
what: counts by hand
lesson: 00-start-here
loses: []
"""


# %% count_children
def count_children(model: nn.Module) -> int:
    number = 0
    for number, _ in enumerate(model.children(), 1):
        pass
    return number
