"""
what: deep copies of the parameters
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    import copy

    body, head = copy.deepcopy(model)
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    return [list(part.parameters()) for part in parts]
