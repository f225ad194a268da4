"""
what: searches for three classes of its own instead of asking
lesson: 02-the-cut
loses: [test_find_cut]
"""


# %% find_cut
def find_cut(model):
    kinds = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
    found = [
        i for i, c in enumerate(model.children()) if any(isinstance(m, kinds) for m in c.modules())
    ]
    return found[-1]
