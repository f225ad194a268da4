"""
what: "clears all hooks before it looks"
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    for m in body.modules():
        m._forward_hooks.clear()
    body.eval()
    c = next(m for m in body.modules() if isinstance(m, nn.Conv2d)).in_channels
    s = 32
    while True:
        try:
            return body(torch.zeros(1, c, s, s)).shape[1]
        except Exception:
            s *= 2
            if s > 2048:
                raise
