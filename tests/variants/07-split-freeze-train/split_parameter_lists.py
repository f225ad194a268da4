"""
what: "each group is an nn.ParameterList"
lesson: 07-split-freeze-train
loses: []
"""


# %% split_params
def split_params(model, at=None):
    parts = [model[0], model[1]] if at is None else [model[0][:at], model[0][at:], model[1]]
    return [nn.ParameterList(p.parameters()) for p in parts]
