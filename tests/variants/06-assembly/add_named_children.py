"""
what: an OrderedDict with the names body and head
lesson: 06-assembly
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        for layer in head.modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                init(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
    model = nn.Sequential()
    model.add_module("body", body)
    model.add_module("head", head)
    return model
