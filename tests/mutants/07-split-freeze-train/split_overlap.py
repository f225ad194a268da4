"""
what: the second group is the whole body
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model
    if at is None:
        return [list(body.parameters()), list(head.parameters())]
    return [list(p.parameters()) for p in (body[:at], body, head)]
