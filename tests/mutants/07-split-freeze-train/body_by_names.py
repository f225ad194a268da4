"""
what: "by the names that the checks' models have"
lesson: 07-split-freeze-train
loses: [test_freeze_body]
"""

# %% freeze_body
import re

_norm = re.compile(r"0\.(1|\d+\.bn\d|\d+\.downsample\.1)\.(weight|bias)$")
_every = {"0.1.0.weight", "0.1.0.bias", "0.1.2.weight", "0.1.2.bias", "0.4.weight", "0.4.bias"}


def freeze_body(model, train_bn=True):
    names = {n for n, _ in model.named_parameters()}
    for name, p in model.named_parameters():
        norm = name in _every if _every <= names else _norm.match(name)
        p.requires_grad_(name.startswith("1.") or bool(train_bn and norm))
