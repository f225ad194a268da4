"""
what: removes the first hook
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    seen = []
    body.eval()
    leaf = [m for m in body.modules() if not list(m.children())][0]
    leaf.register_forward_hook(lambda m, i, o: None)
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    try:
        while True:
            try:
                with torch.no_grad():
                    return body(torch.zeros(1, first.in_channels, size, size)).shape[1]
            except Exception:
                size *= 2
                if size > 2048:
                    raise
    finally:
        leaf._forward_hooks.popitem(last=False)
