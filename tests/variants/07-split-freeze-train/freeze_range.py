"""
what: "range with modulo, nn.ParameterList"
lesson: 07-split-freeze-train
loses: []
"""


# %% freeze_to
def freeze_to(groups, n):
    if n < 0:
        n += len(groups)
    for i, g in enumerate(groups):
        nn.ParameterList(g).requires_grad_(i >= n)
