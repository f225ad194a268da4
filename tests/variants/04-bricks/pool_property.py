"""
what: "a property, __getattr__ and a classmethod"
lesson: 04-bricks
loses: []
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self._size = size

    @property
    def size(self):
        return self._size

    @classmethod
    def of(cls, size):
        return cls(size)

    @staticmethod
    def both(x, size):
        yield F.adaptive_max_pool2d(x, size)
        yield F.adaptive_avg_pool2d(x, size)

    def forward(self, x):
        return torch.cat(tuple(self.both(x, self.size)), 1)

    def extra_repr(self):
        return f"size={self.size}"
