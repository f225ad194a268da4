"""
what: "eval restored, inference_mode decorator"
lesson: 03-counting-features
loses: []
"""


# %% num_features_model
@torch.inference_mode()
def num_features_model(body):
    """Anzahl der Kanäle."""
    modi = {m: m.training for m in body.modules()}
    body.eval()
    kanäle = next(m.in_channels for m in body.modules() if isinstance(m, nn.Conv2d))
    fehler = None
    try:
        for größe in (32 << i for i in range(7)):
            try:
                return body(torch.rand(2, kanäle, größe, größe)).size(1)
            except Exception as e:
                fehler = e
        raise fehler
    finally:
        for m, modus in modi.items():
            m.training = modus
