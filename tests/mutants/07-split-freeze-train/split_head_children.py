"""
what: "goes through the children of each part: a head that is one layer has none"
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    return [[p for layer in part for p in layer.parameters()] for part in parts]
