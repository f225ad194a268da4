"""
what: splits one child too late
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model[0], model[1]
    parts = [body, head] if at is None else [body[: at + 1], body[at + 1 :], head]
    return [list(part.parameters()) for part in parts]
