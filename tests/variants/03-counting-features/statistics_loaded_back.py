"""
what: "runs in train mode and loads the statistics back"
lesson: 03-counting-features
loses: []
"""


# %% num_features_model
def num_features_model(body):
    """Runs in train mode and puts the statistics back."""
    state = {k: v.clone() for k, v in body.state_dict().items()}
    n_in = next(m.in_channels for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    try:
        while True:
            try:
                with torch.no_grad():
                    return body(torch.zeros(2, n_in, size, size)).size(dim=1)
            except Exception:
                if (size := size * 2) > 2048:
                    raise
    finally:
        body.load_state_dict(state)
