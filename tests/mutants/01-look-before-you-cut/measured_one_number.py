"""
what: only what was removed, one number for each family
lesson: 01-look-before-you-cut
loses: [test_measured]
says: "measured['resnet'] is a pair"
"""

# %% measured
measured = {}
for family, arch in ARCHS.items():
    with torch.device("meta"):
        body, head = create_vision_model(arch, 10, pretrained=False)
    measured[family] = len(list(build(arch).children())) - len(body)
