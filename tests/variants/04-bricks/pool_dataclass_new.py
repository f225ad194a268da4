"""
what: "a dataclass module that calls Module.__init__ in __new__"
lesson: 04-bricks
loses: []
"""

# %% AdaptiveConcatPool2d
import dataclasses


@dataclasses.dataclass(unsafe_hash=True)
class AdaptiveConcatPool2d(nn.Module):
    size: int = 1

    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)
        nn.Module.__init__(self)
        return self

    def forward(self, x):
        return torch.cat(
            (F.adaptive_max_pool2d(x, self.size), F.adaptive_avg_pool2d(x, self.size)), dim=1
        )
