"""
what: "features kept on the object for later"
lesson: 08-many-heads
loses: []
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
        self.features = None

    def forward(self, x):
        self.features = self.body(x)
        a = self.head_a(self.features)
        b = self.head_b(self.features)
        return (a, b)
