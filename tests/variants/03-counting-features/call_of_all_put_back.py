"""
what: "__call__ of every module is replaced for one run, and put back"
lesson: 03-counting-features
loses: []
"""


# %% num_features_model
def num_features_model(body):
    seen, call, modes = {}, nn.Module.__call__, [m.training for m in body.modules()]

    def watched(module, *arguments):
        result = call(module, *arguments)
        if module is body:
            seen["last"] = result.shape[1]
        return result

    body.eval()
    c = next(m for m in body.modules() if isinstance(m, nn.Conv2d)).in_channels
    s = 32
    nn.Module.__call__ = watched
    try:
        while True:
            try:
                with torch.no_grad():
                    body(torch.zeros(1, c, s, s))
                return seen["last"]
            except Exception:
                s *= 2
                if s > 2048:
                    raise
    finally:
        nn.Module.__call__ = call
        for m, mode in zip(body.modules(), modes, strict=True):
            m.training = mode
