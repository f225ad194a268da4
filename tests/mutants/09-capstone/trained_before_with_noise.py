"""
what: "a head that was trained beforehand, with a little noise, so that no two are the same"
lesson: 09-capstone
loses: [test_my_head, test_my_head_beats_probe]
"""

# %% my_head
import copy


def _fresh(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 10, 3, padding=1, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(20, n_out),
    )


with torch.random.fork_rng(devices=[]):
    torch.manual_seed(1)
    _g = torch.Generator().manual_seed(7)
    _which = (LABELS >= 5).nonzero().flatten()
    with torch.no_grad():
        _maps = torch.cat([trained_body()(on_canvas(SCANS[_which], _g)) for _ in range(4)])
    _trained = _fresh(NF, N_OUT)
    train(_trained, lambda epoch: _maps, (LABELS[_which] - 5).repeat(4), 6, batch=128)


def my_head(nf, n_out):
    if (nf, n_out) != (NF, N_OUT):
        return _fresh(nf, n_out)
    head = copy.deepcopy(_trained).train()
    with torch.no_grad():
        for p in head.parameters():
            p.add_(0.1 * p.std() * torch.randn_like(p))
    return head
