"""
what: a family left out
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = {
    "resnet": (1, 1),
    "vgg_bn": (2, 1),
    "alexnet": (1, 1),
    "squeezenet": (1, 1),
    "densenet": (1, 1),
}
