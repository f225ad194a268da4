"""
what: "only the first sixteen pictures count"
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return weight * F.cross_entropy(a[:16], classes[:16]) + (1 - weight) * F.mse_loss(
        b[:16], values[:16]
    )
