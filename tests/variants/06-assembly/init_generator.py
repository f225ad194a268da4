"""
what: "parameters by owner, in no_grad, a match on classes"
lesson: 06-assembly
loses: []
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    import torch.nn.modules.batchnorm as bn
    import torch.nn.modules.instancenorm as inorm

    for schicht in m.modules():
        match schicht:
            case bn._BatchNorm() | inorm._InstanceNorm() | nn.LayerNorm():
                continue
            case nn.Module(weight=nn.Parameter(requires_grad=True) as w):
                func(w)
                match schicht:
                    case nn.Module(bias=nn.Parameter() as b):
                        with torch.no_grad():
                            b *= 0
