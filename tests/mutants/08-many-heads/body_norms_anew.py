"""
what: "the BatchNorm layers of the body begin anew"
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        for m in body.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.reset_parameters()
        self.body = body
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        f = self.body(x)
        return self.head_a(f), self.head_b(f)
