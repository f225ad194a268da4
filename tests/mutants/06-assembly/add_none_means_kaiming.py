"""
what: reads init=None as the default init and wipes a trained head
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    fastai_apply_init(head, init or nn.init.kaiming_normal_)
    return nn.Sequential(body, head)
