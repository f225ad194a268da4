"""
what: leaves a hook for the way back on the body
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    body.eval()
    c = next(m.in_channels for m in body.modules() if isinstance(m, nn.Conv2d))
    seen = []
    body.register_full_backward_hook(lambda *a: None)
    size = 32
    while True:
        try:
            return body(torch.zeros(1, c, size, size)).shape[1]
        except Exception:
            size *= 2
            if size > 2048:
                raise
