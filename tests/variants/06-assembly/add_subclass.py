"""
what: "a Sequential subclass with names"
lesson: 06-assembly
loses: []
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        fastai_apply_init(head, init)

    class Model(nn.Sequential):
        """body -> head"""

        def forward(self, x):
            body, head = self
            return head(body(x))

    return Model(body, head)
