"""
what: find_cut returns None when there is no pooling layer, instead of complaining
lesson: 02-the-cut
loses: [test_find_cut_none]
"""


# %% find_cut
def find_cut(model):
    found = None
    for i, child in enumerate(model.children()):
        if fastai_has_pool_type(child):
            found = i
    return found
