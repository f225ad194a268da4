"""
what: "a Huber loss, which is the squared error of small differences only"
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return weight * F.cross_entropy(a, classes) + (1 - weight) * 2 * F.huber_loss(
        b, values, delta=20
    )
