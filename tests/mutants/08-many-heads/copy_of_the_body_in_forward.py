"""
what: "the second head gets the features of a copy of the body"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_body_once]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        return self.head_a(self.body(x)), self.head_b(copy.deepcopy(self.body)(x))
