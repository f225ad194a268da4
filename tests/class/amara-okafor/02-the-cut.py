"""
what: everything right, with a function that calls itself
lesson: 02-the-cut
loses: []
"""


# %% has_pool_type
def has_pool_type(m):
    if type(m).__name__[:-2].endswith("Pool") and type(m).__name__[-2:] in ("1d", "2d", "3d"):
        return True
    for child in m.children():
        if has_pool_type(child):
            return True
    return False


# %% find_cut
def find_cut(model):
    cut = None
    for index, child in enumerate(model.children()):
        if any(type(m).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for m in child.modules()):
            cut = index
    if cut is None:
        raise ValueError("there is no pooling layer in this model; give cut= yourself")
    return cut


# %% why_cut_typed_in
# The rule looks for the last child with a pooling layer, because there the picture stops being a
# picture. The densenet pools in forward, so the rule finds nothing useful and the body is empty.
# shufflenet is worse: no error, but nearly all of the model is gone. With a new model I would
# print the body and look at it before training.
