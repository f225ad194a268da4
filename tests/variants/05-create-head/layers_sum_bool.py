"""
what: "n_head_layers by a Counter and strings"
lesson: 05-create-head
loses: []
"""

# %% n_head_layers
from collections import Counter


def n_head_layers(
    lin_ftrs=None,
    ps=0.5,
    pool=True,
    concat_pool=True,
    first_bn=True,
    bn_final=False,
    lin_first=False,
    y_range=None,
):
    k = len([0] if lin_ftrs is None else lin_ftrs)
    p = [ps] if type(ps) in (int, float) else [*ps]
    p = p * (k + 1) if len(p) == 1 else p
    z = Counter()
    z["pool"] = z["flatten"] = int(pool)
    z["linear"], z["relu"] = k + 1, k
    z["bn"] = (k if lin_first else k + 1) - (not first_bn and (k > 0 or not lin_first))
    z["drop"] = sum(map(bool, p)) + (lin_first and p[0] == 0)
    z["final"], z["range"] = bool(bn_final), y_range is not None
    return z.total()
