"""
what: initialises the weights of the Linears by itself, and nothing else
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        for layer in head.modules():
            if isinstance(layer, nn.Linear):
                init(layer.weight)
    return nn.Sequential(body, head)
