"""
what: the range is a global list, so a new head changes that of all others
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: |2
        if y_range is not None:
            layers.append(SigmoidRange(*y_range))
  with: |2
        if y_range is not None:
            class Range(nn.Module):
                def forward(self, x):
                    return torch.sigmoid(x) * (BOUNDS[1] - BOUNDS[0]) + BOUNDS[0]
            BOUNDS[:] = y_range
            layers.append(Range())
- replace: def create_head(
  with: |-
    BOUNDS = [0, 1]


    def create_head(
"""
