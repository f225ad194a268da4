"""
what: "the call of every module is watched, no hook is put anywhere"
lesson: 03-counting-features
loses: []
"""

# %% layer_shapes
from unittest.mock import patch


def layer_shapes(model, x):
    """Without a hook: the call of every module is watched."""
    rows, call = [], nn.Module.__call__

    def watched(self, *args, **kwargs):
        out = call(self, *args, **kwargs)
        if not self._modules:
            rows.append((type(self).__name__, tuple(out.shape)))
        return out

    with patch.object(nn.Module, "__call__", watched):
        model(x)
    return rows
