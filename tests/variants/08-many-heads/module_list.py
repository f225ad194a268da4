"""
what: heads in an nn.ModuleList, a generator turned into a tuple
lesson: 08-many-heads
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.heads = nn.ModuleList([create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))])

    def forward(self, x):
        shared = self.body(x)
        return tuple(head(shared) for head in self.heads)
