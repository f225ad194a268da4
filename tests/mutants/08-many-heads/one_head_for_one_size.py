"""
what: "two heads of one size share their last weights"
lesson: 08-many-heads
loses: [test_TwoHeadedModel_registered]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(0, 1))
        if n_a == n_b:
            self.head_b[-2] = self.head_a[-1]

    def forward(self, x):
        features = self.body(x)
        return self.head_a(features), self.head_b(features)
