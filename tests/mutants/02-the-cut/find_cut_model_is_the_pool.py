"""
what: "asks the model whether there is a pool: a pool itself has no child that is one"
lesson: 02-the-cut
loses: [test_find_cut_none]
"""


# %% find_cut
def find_cut(model):
    if not fastai_has_pool_type(model):
        raise ValueError("no pool")
    cut = 0
    for i, c in enumerate(model.children()):
        if fastai_has_pool_type(c):
            cut = i
    return cut
