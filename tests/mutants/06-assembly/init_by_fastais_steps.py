"""
what: "puts fastai's apply_init together from its two finished steps"
lesson: 06-assembly
loses: [test_apply_init, test_apply_init_spares]
"""


# %% apply_init
def apply_init(m, func=nn.init.kaiming_normal_):
    from fastai.torch_core import apply_leaf, cond_init

    apply_leaf(m, lambda layer: cond_init(layer, func))
