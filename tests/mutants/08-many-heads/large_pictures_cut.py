"""
what: "pictures larger than 8 are cut"
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body, self.head_a, self.head_b = (
            body,
            create_head(nf, n_a),
            create_head(nf, n_b, y_range=(0, 1)),
        )

    def forward(self, x):
        f = self.body(x[:, :, :8, :8])
        return self.head_a(f), self.head_b(f)
