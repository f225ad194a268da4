"""
what: one more ReLU between body and heads
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body, self.a, self.b = body, create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        f = self.body(x).relu()
        return self.a(f), self.b(f)
