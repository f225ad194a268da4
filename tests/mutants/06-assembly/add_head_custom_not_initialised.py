"""
what: a head that was given is never initialised
lesson: 06-assembly
loses: [test_add_head_init]
base: add_init_model_index
edits:
- replace: 'if init:'
  with: 'if init and is_new:'
- replace: 'head = create_head'
  with: |-
    is_new = head is None
        head = create_head
"""
