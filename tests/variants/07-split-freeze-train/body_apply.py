"""
what: "apply with a closure"
lesson: 07-split-freeze-train
loses: []
"""


# %% freeze_body
def freeze_body(model, train_bn=True):
    """Der Körper schläft, der Kopf lernt."""
    model.requires_grad_(True)
    bn = nn.modules.batchnorm._BatchNorm

    @torch.no_grad()
    def einfrieren(m):
        for p in m.parameters(recurse=False):
            p.requires_grad = train_bn and isinstance(m, bn)

    model[0].apply(einfrieren)
