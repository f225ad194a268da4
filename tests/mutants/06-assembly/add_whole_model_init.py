"""
what: initialises the whole model, body and all
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    model = nn.Sequential(body, head)
    if init is not None:
        fastai_apply_init(model, init)
    return model
