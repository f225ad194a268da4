"""
what: "scores beyond 100 are cut off"
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return weight * F.cross_entropy(a.clamp(-100, 100), classes) + (1 - weight) * F.mse_loss(
        b, values
    )
