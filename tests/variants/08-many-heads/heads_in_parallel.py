"""
what: "a Sequential of the body and a module of heads"
lesson: 08-many-heads
loses: []
"""


# %% TwoHeadedModel
class Parallel(nn.Module):
    def __init__(self, *heads):
        super().__init__()
        self.heads = nn.ModuleList(heads)

    def forward(self, x):
        return tuple(h(x) for h in self.heads)


class TwoHeadedModel(nn.Sequential):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.add_module("body", body)
        self.add_module(
            "heads", Parallel(create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1)))
        )
