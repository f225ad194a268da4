"""
what: sums the squared error over the outputs instead of averaging
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    square = (b - values).pow(2).sum(1).mean()
    return weight * F.cross_entropy(a, classes) + (1 - weight) * square
