"""
what: fastai's own wording, Sequential first, then init of model[1]
lesson: 06-assembly
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    head = create_head(nf, n_out, **head_options) if head is None else head
    model = nn.Sequential(body, head)
    if init:
        fastai_apply_init(model[1], init)
    return model
