"""
what: whether there is a pool is kept on the class, so a new head changes all others
lesson: 05-create-head
loses: [test_create_head_together]
base: flat_loop
edits:
- replace: '    return nn.Sequential(*layers)'
  with: |2-
        body, rest = layers[:2], layers[2:]
        Head.pool = pool
        if not pool:
            return Head(*layers)
        return Head(*body, *rest)
- replace: def create_head(
  with: |-
    class Head(nn.Sequential):
        pool = True

        def forward(self, x):
            for layer in self:
                if self.pool or not isinstance(layer, Flatten):
                    x = layer(x)
            return x


    def create_head(
"""
