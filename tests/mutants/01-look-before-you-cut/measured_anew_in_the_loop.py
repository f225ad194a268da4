"""
what: makes the dictionary anew in each round, so that one family is left
lesson: 01-look-before-you-cut
loses: [test_measured]
says: "made anew in each round"
"""

# %% measured
for family, arch in ARCHS.items():
    measured = {}
    with torch.device("meta"):
        body, head = create_vision_model(arch, 10, pretrained=False)
    measured[family] = (len(list(build(arch).children())) - len(body), len(head))
