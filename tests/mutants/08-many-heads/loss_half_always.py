"""
what: always uses one half
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return 0.5 * F.cross_entropy(a, classes) + 0.5 * F.mse_loss(b, values)
