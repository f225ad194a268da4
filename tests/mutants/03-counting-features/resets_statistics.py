"""
what: "the probe runs in train mode, and the statistics are reset afterwards: a pretrained body forgets its own"
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    while True:
        try:
            with torch.no_grad():
                n = body(torch.zeros(2, first.in_channels, size, size)).shape[1]
            break
        except Exception:
            size *= 2
            if size > 2048:
                raise
    for m in body.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.reset_running_stats()
    return n
