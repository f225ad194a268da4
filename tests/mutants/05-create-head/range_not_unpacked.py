"""
what: "SigmoidRange(y_range) without the star"
lesson: 05-create-head
loses: [test_create_head_y_range, test_create_head_together]
says: "a star unpacks it, SigmoidRange(*y_range)"
base: flat_loop
edits:
- replace: "SigmoidRange(*y_range)"
  with: "SigmoidRange(y_range)"
"""
