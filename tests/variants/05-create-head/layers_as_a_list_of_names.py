"""
what: makes a list of names and takes its length
lesson: 05-create-head
loses: []
"""


# %% n_head_layers
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
    k = 1 if lin_ftrs is None else len(lin_ftrs)
    if not isinstance(ps, list):
        ps = [ps]
    if len(ps) == 1:
        ps = k * [ps[0] / 2] + ps
    steps = ["pool", "flatten"] if pool else []
    if lin_first:
        steps += ["dropout"]
        for i in range(k):
            steps += (
                ["linear", "relu"] + ["bn"] * (first_bn or i > 0) + ["dropout"] * (ps[i + 1] > 0)
            )
        steps += ["linear"]
    else:
        for i in range(k + 1):
            steps += ["bn"] * (first_bn or i > 0) + ["dropout"] * (ps[i] > 0) + ["linear", "relu"]
        steps.pop()
    steps += ["bn"] * bn_final + ["range"] * (y_range is not None)
    return len(steps)
