"""
what: "head a answers both questions"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_registered]
says: "head a answers both"
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body, self.a, self.b = body, create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        f = self.body(x)
        return self.a(f), self.a(f)
