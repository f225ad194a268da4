"""
what: "keyed by names of parameters"
lesson: 07-split-freeze-train
loses: []
"""


# %% split_params
def split_params(model, at=None):
    gruppen = [[], [], []]
    for name, p in model.named_parameters():
        teil, kind, *_ = name.split(".")
        gruppen[2 if teil == "1" else 0 if at is None or int(kind) < at else 1].append(p)
    return gruppen if at is not None else [gruppen[0], gruppen[2]]
