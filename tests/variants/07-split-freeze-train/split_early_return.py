"""
what: two returns, tuples
lesson: 07-split-freeze-train
"""


# %% split_params
def split_params(model, at=None):
    body, head = model
    if at is None:
        return tuple(body.parameters()), tuple(head.parameters())
    return tuple(body[:at].parameters()), tuple(body[at:].parameters()), tuple(head.parameters())
