"""
what: "in eval mode the body runs once for each picture"
lesson: 08-many-heads
loses: [test_TwoHeadedModel_body_once]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        features = self.body(x) if self.training else torch.cat([self.body(p) for p in x.split(1)])
        return self.head_a(features), self.head_b(features)
