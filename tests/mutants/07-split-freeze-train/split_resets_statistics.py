"""
what: "sets the statistics of BatchNorm back while it looks"
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    body, head = model
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.reset_running_stats()
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    return [list(part.parameters()) for part in parts]
