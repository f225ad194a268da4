"""
what: "with the student's own has_pool_type"
lesson: 02-the-cut
loses: []
"""


# %% find_cut
def find_cut(model):
    *_, last = (i for i, c in enumerate(model.children()) if has_pool_type(c))
    return last
