"""
what: returns both losses instead of their sum
lesson: 08-many-heads
loses: [test_two_headed_loss]
says: "the weighted sum of the two losses"
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    cross = F.cross_entropy(outputs[0], targets[0])
    return weight * cross, (1 - weight) * F.mse_loss(outputs[1], targets[1])
