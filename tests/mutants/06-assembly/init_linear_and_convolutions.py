"""
what: "fills Linear and every convolution, and no other layer with a weight"
lesson: 06-assembly
loses: [test_apply_init]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    for layer in m.modules():
        if isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd)) and layer.weight.requires_grad:
            func(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
