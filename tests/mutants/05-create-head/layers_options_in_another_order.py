"""
what: lin_first and bn_final have changed places
lesson: 05-create-head
loses: [test_n_head_layers]
base: layers_counted_by_walking
edits:
- replace: |2-
        bn_final=False,
        lin_first=False,

  with: |2-
        lin_first=False,
        bn_final=False,

"""
