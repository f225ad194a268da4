"""
what: the resnet measured, the others copied from it
lesson: 01-look-before-you-cut
loses: [test_measured]
"""

# %% measured
with torch.device("meta"):
    body, head = create_vision_model(resnet18, 10, pretrained=False)
pair = (len(list(build(resnet18).children())) - len(body), len(head))
measured = dict.fromkeys(ARCHS, pair)
