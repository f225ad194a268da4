"""
what: one flat list
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    return list(model.parameters())
