"""
what: collects what is called weight or bias, and nothing else
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    return [
        [
            getattr(m, n)
            for m in part.modules()
            for n in ("weight", "bias")
            if isinstance(getattr(m, n, None), nn.Parameter)
        ]
        for part in parts
    ]
