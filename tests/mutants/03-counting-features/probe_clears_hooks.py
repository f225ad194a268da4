"""
what: reads the number in a hook, and then clears every hook of the body, also those of somebody else
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    body.eval()
    channels = next(m for m in body.modules() if isinstance(m, nn.Conv2d)).in_channels
    found = []
    body.register_forward_hook(lambda m, i, o: found.append(o.shape[1]))
    try:
        for size in (32, 64, 128, 256, 512, 1024, 2048):
            try:
                with torch.no_grad():
                    body(torch.zeros(1, channels, size, size))
                return found[-1]
            except Exception:
                if size == 2048:
                    raise
    finally:
        for m in body.modules():
            m._forward_hooks.clear()
