"""
what: "counts the parts in train mode"
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model):
    return sum(c.training for c in model.children())
