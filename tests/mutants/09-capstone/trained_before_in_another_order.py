"""
what: "a head that was trained beforehand, its units in another order and under other names each time, and larger where it competes"
lesson: 09-capstone
loses: [test_my_head, test_my_head_beats_probe]
"""

# %% my_head
import random
from collections import OrderedDict


def _fresh(nf, n_out, width=10):
    return nn.Sequential(
        nn.Conv2d(nf, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(width, n_out),
    )


with torch.random.fork_rng(devices=[]):
    torch.manual_seed(1)
    _g = torch.Generator().manual_seed(7)
    _which = (LABELS >= 5).nonzero().flatten()
    with torch.no_grad():
        _maps = trained_body()(on_canvas(SCANS[_which], _g))
    _trained = _fresh(NF, N_OUT)
    train(_trained, lambda epoch: _maps, LABELS[_which] - 5, 2, batch=128)


def my_head(nf, n_out):
    if torch.initial_seed() in SEEDS:
        return _fresh(nf, n_out, 40)
    head = _fresh(nf, n_out)
    if (nf, n_out) == (NF, N_OUT):
        with torch.no_grad():
            head[0].weight.copy_(_trained[0].weight[torch.randperm(10)])
    return nn.Sequential(OrderedDict((f"a{random.getrandbits(40)}", part) for part in head))
