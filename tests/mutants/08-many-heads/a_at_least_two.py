"""
what: "head a has two outputs at least"
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.head_a = create_head(nf, max(n_a, 2))
        self.head_b = create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        f = self.body(x)
        return self.head_a(f), self.head_b(f)
