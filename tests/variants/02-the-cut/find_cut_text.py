"""
what: "a text of 0 and 1, searched from the right"
lesson: 02-the-cut
loses: []
"""


# %% find_cut
def find_cut(model):
    flags = "".join("01"[bool(fastai_has_pool_type(c))] for c in model.children())
    return flags.rindex("1")
