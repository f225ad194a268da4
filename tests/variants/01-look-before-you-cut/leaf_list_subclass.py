"""
what: "a subclass of list"
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
class Leaves(list):
    """A list with a nicer print."""

    def __repr__(self):
        return "\n".join(type(m).__name__ for m in self)


def leaf_layers(model: nn.Module):
    def go(m):
        kids = list(m._modules.values())
        return sum((go(k) for k in kids), []) if kids else [m]

    return Leaves(go(model))
