"""
what: "create_head under torch.inference_mode: its weights can never be trained"
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
base: compiled
edits:
- replace: def create_head(
  with: |-
    @torch.inference_mode()
    def create_head(
- replace: '    return torch.compile(nn.Sequential(*layers))'
  with: '    return nn.Sequential(*layers)'
"""
