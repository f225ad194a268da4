"""
what: tries the head out before it hands it over, and the statistics have moved
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        head = nn.Sequential(*layers)
        if pool:
            head(torch.randn(2, nf // 2 if concat_pool else nf, 7, 7))
        return head
"""
