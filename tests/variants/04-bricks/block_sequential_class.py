"""
what: a class of its own that is a Sequential
lesson: 04-bricks
loses: []
"""


# %% lin_bn_drop
class LinBnDrop(nn.Sequential):
    def __init__(self, n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
        norm = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []
        drop = [nn.Dropout(p)] if p else []
        linear = [nn.Linear(n_in, n_out, bias=not bn)] + ([act] if act else [])
        super().__init__(*(linear + norm + drop if lin_first else norm + drop + linear))


def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    return LinBnDrop(n_in, n_out, bn, p, act, lin_first)
