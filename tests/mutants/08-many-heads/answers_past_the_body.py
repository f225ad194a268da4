"""
what: "numbers of the right shapes and ranges, which come from the picture and not from the body"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_body_once, test_TwoHeadedModel_registered]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.n_a, self.n_b = n_a, n_b

    def forward(self, x):
        score = x.mean((1, 2, 3))[:, None]
        return score.expand(-1, self.n_a), score.expand(-1, self.n_b).sigmoid()
