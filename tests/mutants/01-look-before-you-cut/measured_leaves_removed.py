"""
what: counts leaf layers removed instead of children
lesson: 01-look-before-you-cut
loses: [test_measured]
"""

# %% measured
measured = {}
for family, arch in ARCHS.items():
    with torch.device("meta"):
        new = create_vision_model(arch, 10, pretrained=False)
    old = list(build(arch).children())
    measured[family] = (n_leaves(build(arch)) - n_leaves(new[0]), len(new[1]))
