"""
what: "the pair is a named tuple"
lesson: 08-many-heads
loses: []
"""

# %% TwoHeadedModel
from typing import NamedTuple


class Answers(NamedTuple):
    a: torch.Tensor
    b: torch.Tensor


class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body, self.a, self.b = body, create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        f = self.body(x)
        return Answers(self.a(f), b=self.b(f))
