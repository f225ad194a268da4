"""
what: "takes the two parts of the new model for what stays"
lesson: 01-look-before-you-cut
loses: [test_measured]
says: "the old number less the two parts"
"""

# %% measured
measured = {}
for family, arch in ARCHS.items():
    with torch.device("meta"):
        old = build(arch)
        new = create_vision_model(arch, 10, pretrained=False)
    measured[family] = (len(list(old.children())) - len(new), len(new[1]))
