"""
what: forgets the cut when a head is given
lesson: 06-assembly
loses: [test_create_cnn_model_options]
base: cnn_with_own_add_head
edits:
- replace: 'n_in, pretrained, cut)'
  with: 'n_in, pretrained, cut if custom_head is None else None)'
"""
