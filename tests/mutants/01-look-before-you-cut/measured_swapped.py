"""
what: the two numbers swapped
lesson: 01-look-before-you-cut
loses: [test_measured]
"""

# %% measured
measured = {}
for family, arch in ARCHS.items():
    with torch.device("meta"):
        new = create_vision_model(arch, 10, pretrained=False)
    old = list(build(arch).children())
    measured[family] = (len(new[1]), len(old) - len(new[0]))
