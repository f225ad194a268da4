"""
what: head b runs first
lesson: 08-many-heads
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.head_b = create_head(nf, n_b, y_range=(0, 1))
        self.head_a = create_head(nf, n_a)
        self.body = body

    def forward(self, x):
        x = self.body(x)
        b = self.head_b(x)
        return self.head_a(x), b
