"""
what: sets momentum to 0.1 afterwards
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    norms = [m for m in body.modules() if isinstance(m, nn.BatchNorm2d)]
    for m in norms:
        m.momentum = 0.0
    counters = [m.num_batches_tracked.clone() for m in norms]
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    try:
        while True:
            try:
                with torch.no_grad():
                    return body(torch.zeros(2, first.in_channels, size, size)).shape[1]
            except Exception:
                size *= 2
                if size > 2048:
                    raise
    finally:
        for m, c in zip(norms, counters):
            m.momentum = 0.1
            m.num_batches_tracked.copy_(c)
