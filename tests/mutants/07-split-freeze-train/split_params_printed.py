"""
what: prints the groups and returns nothing
lesson: 07-split-freeze-train
loses: [test_split_params]
says: "is a return missing?"
"""


# %% split_params
def split_params(model, at=None):
    print([len(list(part.parameters())) for part in model])
