"""
what: "the BatchNorm layers of the body begin anew"
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    for m in body.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.ones_(m.weight)
            nn.init.zeros_(m.bias)
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
