"""
what: "a hook for all modules stays"
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
"""

# %% num_features_model
from torch.nn.modules.module import register_module_forward_hook


def num_features_model(body):
    seen = {}
    register_module_forward_hook(
        lambda m, i, o: seen.update(last=o.shape[1]) if m is body else None
    )
    body.eval()
    c = next(m for m in body.modules() if isinstance(m, nn.Conv2d)).in_channels
    s = 32
    while True:
        try:
            body(torch.zeros(1, c, s, s))
            return seen["last"]
        except Exception:
            s *= 2
            if s > 2048:
                raise
