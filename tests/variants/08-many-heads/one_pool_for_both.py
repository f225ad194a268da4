"""
what: "what the heads have in common, pool and flatten, runs once"
lesson: 08-many-heads
loses: []
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        head = create_head(nf, n_a)
        self.body, self.pool, self.a = body, head[:2], head[2:]
        self.b = create_head(nf, n_b, y_range=(0, 1))[2:]

    def forward(self, x):
        f = self.pool(self.body(x))
        return self.a(f), self.b(f)
