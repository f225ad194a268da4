"""
what: "a hook on the body keeps its features for the two heads"
lesson: 08-many-heads
loses: []
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body, self.a, self.b = body, create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))
        self.features = None
        self.body.register_forward_hook(self.keep)

    def keep(self, module, inputs, output):
        self.features = output

    def forward(self, x):
        self.body(x)
        return self.a(self.features), self.b(self.features)
