"""
what: in eval mode no gradient arrives
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        class Head(nn.Sequential):
            def forward(self, x):
                with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
                    return super().forward(x)
        return Head(*layers)
"""
