"""
what: "the loss is of another type of number"
lesson: 08-many-heads
loses: [test_two_headed_loss]
base: loss_by_hand
edits:
- replace: '((b - values) ** 2).mean()'
  with: '((b.double() - values) ** 2).mean()'
"""
