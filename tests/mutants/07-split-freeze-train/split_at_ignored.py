"""
what: always two groups
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    return [list(part.parameters()) for part in model]
