"""
what: a head without its first BatchNorm comes in eval mode
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        head = nn.Sequential(*layers)
        return head if first_bn else head.eval()
"""
