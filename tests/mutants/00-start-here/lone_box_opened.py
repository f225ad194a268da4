"""
what: "opens a box that is the only child"
lesson: 00-start-here
loses: [test_count_children]
"""


# %% count_children
def count_children(model):
    kids = list(model.children())
    return count_children(kids[0]) if len(kids) == 1 and list(kids[0].children()) else len(kids)
