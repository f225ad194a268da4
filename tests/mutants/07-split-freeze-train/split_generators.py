"""
what: returns generators, empty when read twice
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model[0], model[1]
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    return [part.parameters() for part in parts]
