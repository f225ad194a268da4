"""
what: "a dataclass module"
lesson: 08-many-heads
loses: []
"""

# %% TwoHeadedModel
from dataclasses import dataclass, InitVar


@dataclass(eq=False)
class TwoHeadedModel(nn.Module):
    body: InitVar[nn.Module]
    nf: int
    n_a: int
    n_b: int

    def __post_init__(self, body):
        super().__init__()
        self.body = body
        self.head_a = create_head(self.nf, self.n_a)
        self.head_b = create_head(self.nf, self.n_b, y_range=(0, 1))

    def forward(self, x):
        h = self.body(x)
        return self.head_a(h), self.head_b(h)
