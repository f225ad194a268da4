"""
what: init is ignored beside options of the head
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        fastai_apply_init(head, nn.init.kaiming_normal_ if head_options else init)
    return nn.Sequential(body, head)
