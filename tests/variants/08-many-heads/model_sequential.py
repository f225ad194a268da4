"""
what: "subclass of Sequential with slices"
lesson: 08-many-heads
loses: []
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Sequential):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__(body, create_head(nf, n_a), create_head(nf, n_b, y_range=[0, 1]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        körper, *köpfe = self
        merkmale = körper(x)
        return tuple([kopf(merkmale) for kopf in köpfe])
