"""
what: "heads are kept for each size: two models share them"
lesson: 08-many-heads
loses: [test_TwoHeadedModel_registered]
"""

# %% before TwoHeadedModel
from functools import lru_cache


@lru_cache
def made(nf, n, y):
    return create_head(nf, n, y_range=y)


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body = body
        self.head_a, self.head_b = made(nf, n_a, None), made(nf, n_b, (0, 1))

    def forward(self, x):
        f = self.body(x)
        return self.head_a(f), self.head_b(f)
