"""
what: "lets fastai cut, and counts what is left"
lesson: 02-the-cut
loses: [test_find_cut, test_find_cut_none]
"""


# %% find_cut
def find_cut(model):
    return len(fastai_learner.create_body(model))
