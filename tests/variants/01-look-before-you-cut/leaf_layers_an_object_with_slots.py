"""
what: "a callable object with slots"
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
class _Leaves:
    __slots__ = ("out",)

    def __init__(self):
        self.out = []

    def visit(self, m):
        kids = m._modules.values()
        if not kids:
            self.out.append(m)
        for k in kids:
            self.visit(k)
        return self.out


class Finder:
    def __call__(self, model):
        return _Leaves().visit(model)


leaf_layers = Finder()
