"""
what: everything right, walking through the children by hand
lesson: 01-look-before-you-cut
loses: []
"""


# %% leaf_layers
def leaf_layers(model):
    found = []
    for child in model._modules.values():
        found += leaf_layers(child)
    return found or [model]


# %% measured
measured = {}
for family, arch in ARCHS.items():
    with torch.device("meta"):
        body, head = create_vision_model(arch, 10, pretrained=False)
    kept = sum(1 for _ in body.children())
    there = sum(1 for _ in build(arch).children())
    measured[family] = (there - kept, sum(1 for _ in head))
