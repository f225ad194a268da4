"""
what: a head without first_bn is tried out in train mode
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        if not first_bn and pool:
            nn.Sequential(*layers)(torch.randn(4, nf // 2 if concat_pool else nf, 5, 5))
        return nn.Sequential(*layers)
"""
