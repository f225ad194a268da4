"""
what: first_bn and bn_final have changed places in the signature
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: |2-
        first_bn=True,
        bn_final=False,

  with: |2-
        bn_final=False,
        first_bn=True,

"""
