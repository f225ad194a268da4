"""
what: fastai's own way, hooks on the children, eval left on
lesson: 03-counting-features
"""


# %% num_features_model
def num_features_model(body):
    shapes = []
    handles = [
        m.register_forward_hook(lambda m, i, o: shapes.append(o.shape)) for m in body.children()
    ]
    channels = [m for m in body.modules() if isinstance(m, nn.Conv2d)][0].in_channels
    size = 32
    try:
        while True:
            try:
                with torch.no_grad():
                    body.eval()(torch.rand(1, channels, size, size))
                return shapes[-1][1]
            except Exception:
                shapes.clear()
                size *= 2
                if size > 2048:
                    raise
    finally:
        for handle in handles:
            handle.remove()
