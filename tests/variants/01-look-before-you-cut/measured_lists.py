"""
what: pairs as lists, through a function
lesson: 01-look-before-you-cut
loses: []
"""


# %% measured
def measure(arch):
    with torch.device("meta"):
        body, head = create_vision_model(arch, 10, pretrained=False)
    return [len(list(build(arch).children())) - len(list(body.children())), len(list(head))]


measured = {family: measure(arch) for family, arch in ARCHS.items()}
