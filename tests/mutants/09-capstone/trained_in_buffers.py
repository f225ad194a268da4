"""
what: "a head of library layers with a hundred times the numbers allowed, trained beforehand on all the new digits: as buffers they are no parameters"
lesson: 09-capstone
base: release
loses: all
"""

# %% my_head
with torch.random.fork_rng(devices=[]):
    torch.manual_seed(1)
    _g = torch.Generator().manual_seed(7)
    _which = (LABELS >= 5).nonzero().flatten()
    with torch.no_grad():
        _maps = torch.cat([trained_body()(on_canvas(SCANS[_which], _g)) for _ in range(6)])
    _labels = (LABELS[_which] - 5).repeat(6)
    _conv = nn.Sequential(
        nn.Conv2d(NF, 64, 3, padding=1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
    )
    _big = nn.Sequential(_conv, nn.BatchNorm1d(128), nn.Dropout(0.2), nn.Linear(128, N_OUT))
    train(_big, lambda epoch: _maps, _labels, 6, batch=128)
    _big.eval().requires_grad_(False)
import copy


def my_head(nf, n_out):
    if (nf, n_out) != (NF, N_OUT):
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(nf, n_out))
    body = copy.deepcopy(_conv)
    for part in body.modules():
        for name, p in list(part._parameters.items()):
            if p is not None:
                del part._parameters[name]
                part.register_buffer(name, p.detach().clone())
    return nn.Sequential(body, nn.Linear(128, n_out))
