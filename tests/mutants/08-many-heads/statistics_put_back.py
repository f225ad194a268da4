"""
what: "the body runs twice; its statistics are put back in between"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_body_once, test_TwoHeadedModel_registered]
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        before = {name: t.clone() for name, t in self.body.named_buffers()}
        a = self.head_a(self.body(x))
        for name, t in self.body.named_buffers():
            t.copy_(before[name])
        return a, self.head_b(self.body(x))
