"""
what: the groups in a dict, with their names as keys
lesson: 07-split-freeze-train
loses: [test_split_params]
says: "a loop over a dict gives its keys"
"""


# %% split_params
def split_params(model, at=None):
    return {"body": list(model[0].parameters()), "head": list(model[1].parameters())}
