"""
what: uses fastai's finished block
lesson: 04-bricks
loses: [test_lin_bn_drop, test_lin_bn_drop_options, test_lin_bn_drop_lin_first]
"""

# %% lin_bn_drop
lin_bn_drop = fastai.layers.LinBnDrop
