"""
what: counts parameters, not children, up to the split
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = list(model[0].parameters()), list(model[1].parameters())
    if at is None:
        return [body, head]
    return [body[:at], body[at:], head]
