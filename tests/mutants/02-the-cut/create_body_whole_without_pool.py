"""
what: without a pooling layer everything stays
lesson: 02-the-cut
loses: [test_create_body]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '        cut = last_pool_child(model)'
  with: |2-
            try:
                cut = last_pool_child(model)
            except StopIteration:
                cut = len(list(model.children()))
"""
