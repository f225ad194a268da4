"""
what: "stops BatchNorm from gathering statistics, for good"
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    for m in body.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.track_running_stats = False
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    while True:
        try:
            with torch.no_grad():
                return body(torch.zeros(2, first.in_channels, size, size)).shape[1]
        except Exception:
            size *= 2
            if size > 2048:
                raise
