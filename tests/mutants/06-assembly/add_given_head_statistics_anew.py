"""
what: the BatchNorm statistics of a given head are set back
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        fastai_apply_init(head, init)
    for m in head.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.reset_running_stats()
    return nn.Sequential(body, head)
