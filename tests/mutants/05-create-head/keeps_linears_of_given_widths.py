"""
what: Linears of given widths are kept for the next head
lesson: 05-create-head
loses: [test_create_head_lists]
base: flat_loop
edits:
- replace: |2-
                layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not bn))
                if i
  with: |2-
                key = (i, *sizes, bn)
                new = nn.Linear(sizes[i], sizes[i + 1], bias=not bn)
                layers.append(KEPT.setdefault(key, new) if lin_ftrs else new)
                if i
- replace: 'def create_head('
  with: |2-
    KEPT = {}


    def create_head(
"""
