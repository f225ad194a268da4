"""
what: "hands on some options of the head"
lesson: 06-assembly
loses: [test_add_head]
"""


# %% add_head
def add_head(
    body,
    nf,
    n_out,
    init=nn.init.kaiming_normal_,
    head=None,
    lin_ftrs=None,
    ps=0.5,
    bn_final=False,
    concat_pool=True,
    y_range=None,
    **others,
):
    if head is None:
        head = create_head(
            nf,
            n_out,
            lin_ftrs=lin_ftrs,
            ps=ps,
            bn_final=bn_final,
            concat_pool=concat_pool,
            y_range=y_range,
        )
    if init is not None:
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
