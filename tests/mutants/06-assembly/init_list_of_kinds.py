"""
what: "a list of kinds of layers that are initialised"
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    for l in m.modules():
        if (
            isinstance(
                l,
                (
                    nn.Linear,
                    nn.Bilinear,
                    nn.Conv1d,
                    nn.Conv2d,
                    nn.Conv3d,
                    nn.ConvTranspose1d,
                    nn.ConvTranspose2d,
                    nn.ConvTranspose3d,
                ),
            )
            and l.weight.requires_grad
        ):
            func(l.weight)
            if l.bias is not None:
                nn.init.zeros_(l.bias)
