"""
what: keys are the functions instead of their names
lesson: 01-look-before-you-cut
loses: [test_measured]
"""

# %% measured
measured = {}
for arch in ARCHS.values():
    with torch.device("meta"):
        body, head = create_vision_model(arch, 10, pretrained=False)
    measured[arch] = (len(list(build(arch).children())) - len(body), len(head))
