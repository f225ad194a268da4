"""
what: "the children of the body in a Sequential: right only for a body that is one"
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = nn.Sequential(*body.children())
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        f = self.body(x)
        return self.head_a(f), self.head_b(f)
