"""
what: dropouts stand in a global dictionary, so a new head changes those of all others
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: |2-
                if ps[i] != 0:
                    layers.append(nn.Dropout(ps[i]))
  with: |2-
                if ps[i] != 0:
                    P[i] = ps[i]
                    layers.append(Drop(i))
- replace: def create_head(
  with: |-
    P = {}


    class Drop(nn.Module):
        def __init__(self, i):
            super().__init__()
            self.i = i

        def forward(self, x):
            return F.dropout(x, P[self.i], self.training)


    def create_head(
"""
