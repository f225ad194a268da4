"""
what: "split_params leaves a hook and freezes nothing"
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model
    for p in model.parameters():
        p.register_hook(lambda g: g * 0)
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    return [list(part.parameters()) for part in parts]
