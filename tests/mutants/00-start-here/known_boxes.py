"""
what: "counts layers, and the boxes that torch brings"
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model):
    return len([c for c in model.children() if not list(c.children())]) + len(
        [
            c
            for c in model.children()
            if isinstance(c, (nn.Sequential, nn.ModuleList, nn.ModuleDict))
        ]
    )
