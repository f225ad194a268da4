"""
what: "b in the range that is said to be better, a little wider"
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(-0.05, 1.05))

    def forward(self, x):
        features = self.body(x)
        return self.head_a(features), self.head_b(features)
