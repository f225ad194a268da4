"""
what: switches the given body to train mode, and thaws it
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body, self.a, self.b = (
            body.train(),
            create_head(nf, n_a),
            create_head(nf, n_b, y_range=(0, 1)),
        )
        self.body.requires_grad_(True)

    def forward(self, x):
        f = self.body(x)
        return self.a(f), self.b(f)
