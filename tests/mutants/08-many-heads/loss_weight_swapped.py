"""
what: puts the weight on the wrong loss
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return (1 - weight) * F.cross_entropy(a, classes) + weight * F.mse_loss(b, values)
