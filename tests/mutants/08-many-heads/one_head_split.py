"""
what: one head whose outputs are split in two
lesson: 08-many-heads
loses: [test_TwoHeadedModel_registered]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.n_a = n_a
        self.head = create_head(nf, n_a + n_b)

    def forward(self, x):
        out = self.head(self.body(x))
        return out[:, : self.n_a], out[:, self.n_a :].sigmoid()
