"""
what: "leaves out what is frozen now, so that it can never be thawed"
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    return [[p for p in part.parameters() if p.requires_grad] for part in parts]
