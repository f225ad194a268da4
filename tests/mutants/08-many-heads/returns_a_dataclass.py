"""
what: "an object of a class of its own is returned"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_registered]
says: "no class of its own"
"""

# %% TwoHeadedModel
from dataclasses import dataclass


@dataclass
class Out:
    a: torch.Tensor
    b: torch.Tensor


class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.body, self.a, self.b = body, create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))

    def forward(self, x):
        f = self.body(x)
        return Out(self.a(f), self.b(f))
