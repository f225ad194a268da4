"""
what: ignores first_bn
lesson: 05-create-head
loses: [test_create_head_batchnorm, test_create_head_lin_first, test_create_head_together]
base: flat_loop
edits:
- replace: |2-
            for i in range(len(widths)):
                bn = first_bn or i > 0
  with: |2-
            for i in range(len(widths)):
                bn = True
- replace: |2-
            for i in range(len(sizes) - 1):
                bn = first_bn or i > 0
  with: |2-
            for i in range(len(sizes) - 1):
                bn = True
"""
