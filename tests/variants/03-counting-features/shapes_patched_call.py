"""
what: "Module.__call__ replaced for a while, by unittest.mock"
lesson: 03-counting-features
loses: []
"""

# %% layer_shapes
from unittest import mock


def layer_shapes(model, x):
    rows = []
    original = nn.Module.__call__

    def call(self, *args, **kwargs):
        out = original(self, *args, **kwargs)
        if not self._modules:
            rows.append((type(self).__name__, tuple(out.shape)))
        return out

    with mock.patch.object(nn.Module, "__call__", call), torch.no_grad():
        model(x)
    return rows
