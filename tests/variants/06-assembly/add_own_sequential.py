"""
what: "a Sequential of its own class with names for its two parts"
lesson: 06-assembly
loses: []
"""


# %% add_head
class Assembled(nn.Sequential):
    """body and head, with names."""

    @property
    def body(self):
        return self[0]

    @property
    def head(self):
        return self[1]


def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    model = Assembled(body, create_head(nf, n_out, **head_options) if head is None else head)
    if init is not None:
        fastai_apply_init(model.head, init)
    return model
