"""
what: "a dropout between body and heads"
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
base: module_list
edits:
- replace: '        self.heads = nn.ModuleList([create_head(nf, n_a), create_head(nf, n_b, y_range=(0, 1))])'
  with: |2-
            self.head_a = create_head(nf, n_a)
            self.head_b = create_head(nf, n_b, y_range=(0, 1))
- replace: |2-
            shared = self.body(x)
            return tuple(head(shared) for head in self.heads)
  with: |2-
            features = nn.functional.dropout(self.body(x), 0.2, self.training)
            return self.head_a(features), self.head_b(features)
"""
