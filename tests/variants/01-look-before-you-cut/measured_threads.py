"""
what: "a thread pool"
lesson: 01-look-before-you-cut
loses: []
"""

# %% measured
from concurrent.futures import ThreadPoolExecutor


def one(family):
    with torch.device("meta"):
        body, head = create_vision_model(ARCHS[family], 10, pretrained=False)
    return family, (len(list(build(ARCHS[family]).children())) - len(body), len(head))


with ThreadPoolExecutor(2) as pool:
    measured = dict(pool.map(one, ARCHS))
