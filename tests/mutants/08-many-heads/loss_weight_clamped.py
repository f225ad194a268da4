"""
what: "a weight below one half counts as one half"
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    weight = max(weight, 0.5)
    return weight * F.cross_entropy(a, classes) + (1 - weight) * F.mse_loss(b, values)
