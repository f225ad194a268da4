"""
what: through .data, named_modules, try
lesson: 06-assembly
loses: []
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    skip = {
        "BatchNorm1d",
        "BatchNorm2d",
        "BatchNorm3d",
        "InstanceNorm1d",
        "InstanceNorm2d",
        "InstanceNorm3d",
        "LayerNorm",
    }
    for name, layer in m.named_modules():
        if skip & {c.__name__ for c in type(layer).__mro__}:
            continue
        try:
            w = layer.weight
        except AttributeError:
            continue
        if w is None or not w.requires_grad:
            continue
        func(w.data)
        if isinstance(getattr(layer, "bias", None), nn.Parameter):
            layer.bias.data.fill_(0.0)


# %% add_head
class Model(nn.Sequential):
    @property
    def body(self):
        return self[0]


def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf=nf, n_out=n_out, **head_options)
    model = Model(body, head)
    if init is not None:
        print("initialised with", init)
        fastai_apply_init(model[1], init)
    return model
