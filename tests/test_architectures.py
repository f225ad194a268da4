"""Does lesson 06's create_cnn_model make fastai's model, for every architecture fastai knows?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jupytext
import pytest
import torch
from fastai.vision.learner import create_vision_model, model_meta
from torch import nn
from torchvision.models import squeezenet1_1

from headcheck.course.cells import grade_id_of, role_of

LESSON = Path(__file__).parents[1] / "source/06-assembly/06-assembly.py"
ARCHITECTURES = {arch.__name__: arch for arch in model_meta}


@pytest.fixture(scope="module")
def create_cnn_model() -> Callable[..., nn.Sequential]:
    """The reference solution: the lesson's setup cells and its one answer."""
    names: dict = {}
    for cell in jupytext.read(LESSON, fmt="py:percent").cells:
        if role_of(cell) == "setup" or grade_id_of(cell) == "create_cnn_model":
            exec(cell.source, names)
    return names["create_cnn_model"]


def leaves(model: nn.Module) -> list[tuple[str, str, dict[str, tuple[int, ...]], str]]:
    """Each leaf layer: its name, class, shapes of its tensors, and what it says about itself."""
    return [
        (
            name,
            type(layer).__name__,
            {key: tuple(tensor.shape) for key, tensor in layer.state_dict().items()},
            layer.extra_repr(),
        )
        for name, layer in model.named_modules()
        if not list(layer.children())
    ]


def test_are_there_still_21_architectures():
    assert len(ARCHITECTURES) == 21


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_does_each_architecture_get_the_same_leaf_layers(create_cnn_model, name):
    arch = ARCHITECTURES[name]
    with torch.device("meta"):
        ours = create_cnn_model(arch, 10, cut=model_meta[arch]["cut"])
        theirs = create_vision_model(arch, 10, pretrained=False)
    assert leaves(ours) == leaves(theirs)
    assert all(tensor.is_meta for tensor in ours.state_dict().values())


@pytest.mark.parametrize("name", ["densenet121", "resnet18", "squeezenet1_1"])
def test_would_another_cut_or_head_be_noticed(create_cnn_model, name):
    arch = ARCHITECTURES[name]
    with torch.device("meta"):
        theirs = leaves(create_vision_model(arch, 10, pretrained=False))
        whole = create_cnn_model(
            arch, 10, cut=len(list(arch().children())), custom_head=nn.Flatten()
        )
        small = create_cnn_model(arch, 10, cut=model_meta[arch]["cut"], lin_ftrs=[511])
    assert leaves(whole) != theirs
    assert leaves(small) != theirs


@pytest.mark.parametrize("training", [False, True])
def test_do_the_same_weights_give_the_same_numbers(create_cnn_model, training):
    theirs = create_vision_model(squeezenet1_1, 7, pretrained=False)
    ours = create_cnn_model(squeezenet1_1, 7, cut=model_meta[squeezenet1_1]["cut"])
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    ours.train(training)
    theirs.train(training)

    def numbers(model: nn.Module) -> torch.Tensor:
        torch.manual_seed(1)  # for dropout
        return model(images)

    assert not torch.allclose(numbers(ours), numbers(theirs))  # each has its own random weights
    ours.load_state_dict(theirs.state_dict())
    assert torch.equal(numbers(ours), numbers(theirs))
