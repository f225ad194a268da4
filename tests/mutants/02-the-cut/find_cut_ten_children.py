"""
what: "looks at the first ten children"
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model):
    return [i for i, c in enumerate(list(model.children())[:10]) if fastai_has_pool_type(c)][-1]
