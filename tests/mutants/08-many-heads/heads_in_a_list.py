"""
what: keeps the heads in a plain Python list
lesson: 08-many-heads
loses: [test_TwoHeadedModel_registered]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.heads = [create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))]

    def forward(self, x):
        features = self.body(x)
        return self.heads[0](features.clone()), self.heads[1](features)
