"""
what: freezes the body on the way
lesson: 06-assembly
loses: [test_add_head_init]
base: add_init_model_index
edits:
- replace: '    model = nn.Sequential(body, head)'
  with: '    model = nn.Sequential(body.requires_grad_(False), head)'
"""
