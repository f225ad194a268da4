"""
what: "random numbers of the right shapes and ranges"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_body_once, test_TwoHeadedModel_registered]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.n_a, self.n_b = n_a, n_b

    def forward(self, x):
        return torch.randn(len(x), self.n_a), torch.rand(len(x), self.n_b)
