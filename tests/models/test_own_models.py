"""Files that people bring: recognised, run as torch runs them, and refused where they do harm."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file

from models import architectures, heads, onnx_file, own, state_dict
from models.card import ModelCard, OwnFile, Recipe
from models.conversion import converted_here
from models.errors import UnusableFile
from models.inspection import inspect
from models.official import OFFICIAL
from models.sandbox import inspect_apart, try_apart

SIDE = 64
CLASSES = ("긁힘", "dent", "good", "hole", "stain")
PICTURE = np.random.default_rng(0).integers(0, 256, (80, 100, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return torchvision.models.resnet18(num_classes=len(CLASSES)).eval()


@pytest.fixture(scope="module")
def files(network: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One network in every form that is taken."""
    folder = tmp_path_factory.mktemp("own")
    state = network.state_dict()
    torch.save({"epoch": 3, "state_dict": {f"module.{k}": v for k, v in state.items()}},
               folder / "net.pth")  # fmt: skip
    torch.save(state, folder / "old.pt", _use_new_zipfile_serialization=False)
    save_file(state, folder / "net.safetensors")
    torch.onnx.export(network, torch.zeros(1, 3, SIDE, SIDE), folder / "net.onnx", dynamo=False)
    return {path.name: path for path in folder.iterdir()}


def card(
    path: Path, recipe: Recipe, classes: tuple[str, ...] = CLASSES, side: int = SIDE
) -> ModelCard:
    source = OwnFile(hashlib.sha256(path.read_bytes()).hexdigest(), path.suffix, 0)
    return ModelCard(
        "net", "Net", "classification", "own", "", source, "", (side, side), 512, "", "", recipe,
        classes,
    )  # fmt: skip


def loaded(wanted: ModelCard, path: Path, cache: Path) -> own.OwnModel:
    converted_here(wanted, path, cache)
    return own.load(wanted, path, cache, 0, "f32")


def plain_torch(network: torch.nn.Module, bgr: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and the vector in front of the last layer, by torch itself."""
    seen: list[torch.Tensor] = []
    hook = network.fc.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    prepared = own.stretch(PICTURE, (SIDE, SIDE)).pixels
    images = torch.tensor(prepared).permute(2, 0, 1)[None] / 255
    mean, std = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 0.6, 0.7])
    images = (images - mean[:, None, None]) / std[:, None, None]
    with torch.inference_mode():
        found = network(images.flip(1) if bgr else images).softmax(1)[0].numpy()
    hook.remove()
    return found, seen[0][0].numpy()


@pytest.mark.parametrize("name", ["net.pth", "old.pt", "net.safetensors", "net.onnx"])
@pytest.mark.parametrize("colours", ["rgb", "bgr"])
def test_every_form_gives_what_torch_gives(
    name: str, colours: str, files: dict[str, Path], network: torch.nn.Module, tmp_path: Path
) -> None:
    path = files[name]
    recipe = Recipe(
        "logits",
        None if path.suffix == ".onnx" else "torchvision:resnet18",
        (0.1, 0.2, 0.3),
        (0.5, 0.6, 0.7),
        colours=colours,  # type: ignore[arg-type]
    )
    model = loaded(card(path, recipe), path, tmp_path)
    (output,) = model.infer([model.prepare(PICTURE)])
    probabilities, features = plain_torch(network, colours == "bgr")
    assert output.label == CLASSES[int(probabilities.argmax())]
    assert output.confidence == pytest.approx(float(probabilities.max()), abs=1e-4)
    np.testing.assert_allclose(output.features, features, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["net.pth", "old.pt", "net.safetensors"])
def test_weights_alone_are_recognised(name: str, files: dict[str, Path]) -> None:
    facts = inspect(files[name])
    assert facts.fitting[:2] == ("torchvision:resnet18", "timm:resnet18")
    assert (facts.task, facts.classes, facts.input_size) == ("classification", 5, (224, 224))
    assert facts.default_layer is not None and facts.default_layer.features == 512
    assert [layer.name for layer in facts.layers][:2] == ["avgpool", "layer4"]
    assert facts.parameters == sum(
        v.numel() for v in state_dict.read(files[name], Path(name).suffix).values()
    )


def test_a_graph_is_recognised(files: dict[str, Path]) -> None:
    facts = inspect(files["net.onnx"])
    assert (facts.task, facts.head, facts.classes) == ("classification", "logits", 5)
    assert (facts.input_size, facts.fixed_size, facts.architecture) == ((64, 64), True, None)
    assert facts.default_layer is not None and facts.default_layer.shape == (512,)


def test_a_chosen_layer_gives_the_features(files: dict[str, Path], tmp_path: Path) -> None:
    weights = Recipe("logits", "torchvision:resnet18", layer="layer3")
    graph = Recipe("logits", layer="/layer3/layer3.1/relu_1/Relu")
    vectors = []
    for name, recipe in (("net.pth", weights), ("net.onnx", graph)):
        model = loaded(card(files[name], recipe), files[name], tmp_path)
        vectors.append(model.infer([model.prepare(PICTURE)])[0].features)
    assert vectors[0].shape == (256,)
    np.testing.assert_allclose(vectors[0], vectors[1], rtol=1e-3, atol=1e-4)


def test_the_catalogues_own_weights_are_recognised(weights_dir: Path) -> None:
    facts = inspect(weights_dir / "mobilenet_v2.pth")
    assert facts.fitting == ("torchvision:mobilenet_v2",)
    assert facts.classes == 1000
    yolo11, yolo26 = (inspect(weights_dir / f"{name}.onnx") for name in ("yolo11n", "yolo26n"))
    assert (yolo11.head, yolo11.classes, yolo11.input_size) == ("yolo", 80, (640, 640))
    assert (yolo26.head, yolo26.classes, yolo26.names[5]) == ("yolo_end_to_end", None, "bus")
    for facts in (yolo11, yolo26):
        assert (facts.task, facts.resize, len(facts.names)) == ("detection", "letterbox", 80)
        assert facts.default_layer is not None and facts.default_layer.features == 448


test_the_catalogues_own_weights_are_recognised = pytest.mark.weights(
    test_the_catalogues_own_weights_are_recognised
)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224",
                                  "mobilenetv3_small_050"])  # fmt: skip
def test_timm_backbones_run(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=3).eval()
    path = tmp_path / "net.safetensors"
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    facts = inspect(path)
    assert f"timm:{name}" in facts.fitting
    recipe = Recipe("logits", f"timm:{name}", facts.mean, facts.std)
    model = loaded(card(path, recipe, ("a", "b", "c"), 224), path, tmp_path)
    prepared = model.prepare(PICTURE)
    (output,) = model.infer([prepared])
    images = torch.tensor(prepared.pixels).permute(2, 0, 1)[None] / 255
    images = (images - torch.tensor(facts.mean)[:, None, None]) / torch.tensor(facts.std)[
        :, None, None
    ]
    with torch.inference_mode():
        expected = network(images).softmax(1)[0]
        pooled = network.forward_head(network.forward_features(images), pre_logits=True)[0]
    assert output.confidence == pytest.approx(float(expected.max()), abs=1e-3)
    np.testing.assert_allclose(output.features, pooled.numpy(), rtol=5e-3, atol=5e-3)


def refusal(path: Path) -> str:
    with pytest.raises(UnusableFile) as caught:
        inspect(path)
    return caught.value.reason


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (__import__("os").system, ("touch /tmp/datag-test-was-run",))


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path) -> None:
    Path("/tmp/datag-test-was-run").unlink(missing_ok=True)
    torch.save({"state_dict": Evil()}, tmp_path / "evil.pth")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "whole.pt")
    assert refusal(tmp_path / "evil.pth") == "holds_objects"
    assert refusal(tmp_path / "whole.pt") == "holds_objects"
    assert not Path("/tmp/datag-test-was-run").exists()


def test_what_is_no_torch_file_is_said_without_advice_to_read_it_unsafely(tmp_path: Path) -> None:
    (tmp_path / "photo.pth").write_bytes(b"\xff\xd8\xff\xe0 a photo")
    with pytest.raises(UnusableFile) as refused:
        inspect(tmp_path / "photo.pth")
    assert refused.value.reason == "not_torch"
    assert refused.value.params["detail"] == "Unsupported operand 255"


def test_a_tensor_larger_than_its_file_is_refused(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(1).expand(1_000_000, 1_000_000)}, tmp_path / "huge.pth")
    assert refusal(tmp_path / "huge.pth") == "tensor_too_large"


def test_compressed_archives_and_programs_are_refused(
    files: dict[str, Path], tmp_path: Path
) -> None:
    with (
        zipfile.ZipFile(files["net.pth"]) as source,
        zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
    assert refusal(tmp_path / "bomb.pth") == "compressed"
    with zipfile.ZipFile(tmp_path / "program.pt", "w") as target:
        target.writestr("net/code/__torch__.py", "def forward(): pass")
    assert refusal(tmp_path / "program.pt") == "torchscript"


@pytest.mark.parametrize("name", ["net.pth", "old.pt", "net.safetensors", "net.onnx"])
def test_damaged_files_are_refused(name: str, files: dict[str, Path], tmp_path: Path) -> None:
    content = files[name].read_bytes()
    broken = tmp_path / f"broken{Path(name).suffix}"
    for cut in (0, 10, len(content) // 2):
        broken.write_bytes(content[:cut])
        assert refusal(broken) in ("not_torch", "not_onnx", "not_safetensors", "no_tensors")


def test_weights_in_other_files_are_not_read(files: dict[str, Path], tmp_path: Path) -> None:
    model = onnx.load(files["net.onnx"])
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")
    path = tmp_path / "outside.onnx"
    path.write_bytes(model.SerializeToString())
    assert refusal(path) == "onnx_external"


def test_too_many_operations_are_refused(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_file, "MAX_OPERATIONS", 10)
    assert refusal(files["net.onnx"]) == "too_many_operations"


def test_weights_that_fit_nothing_say_what_differs(
    tmp_path: Path, network: torch.nn.Module
) -> None:
    state = network.state_dict()
    del state["layer1.0.bn1.weight"]
    torch.save(state, tmp_path / "net.pth")
    assert inspect(tmp_path / "net.pth").architecture is None
    with pytest.raises(UnusableFile, match=r"does_not_fit") as caught:
        inspect(tmp_path / "net.pth", "torchvision:resnet18")
    assert caught.value.params["detail"] == "layer1.0.bn1.weight: 64 ≠ –"


def graph_of(*shapes: tuple[int, ...], last: str = "Identity") -> onnx.ModelProto:
    """A graph whose outputs have these shapes, made of zeros and one colour image."""
    image = onnx.helper.make_tensor_value_info("image", 1, (1, 3, 32, 32))
    nodes, outputs = [onnx.helper.make_node("ReduceMean", ["image"], ["mean"], keepdims=0)], []
    for index, shape in enumerate(shapes):
        size = onnx.numpy_helper.from_array(np.array(shape), f"size{index}")
        nodes += [onnx.helper.make_node("Constant", [], [f"s{index}"], value=size),
                  onnx.helper.make_node("Expand", ["mean", f"s{index}"], [f"e{index}"]),
                  onnx.helper.make_node(last, [f"e{index}"], [f"o{index}"])]  # fmt: skip
        outputs.append(onnx.helper.make_tensor_value_info(f"o{index}", 1, shape))
    graph = onnx.helper.make_graph(nodes, "g", [image], outputs)
    return onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )


@pytest.mark.parametrize(
    ("shapes", "head", "classes"),
    [
        ([(1, 84, 8400)], "yolo", 80),
        ([(1, 5, 8400)], "yolo", 1),
        ([(1, 300, 6)], "yolo_end_to_end", None),
        ([(1, 25200, 85)], "yolo_objectness", 80),
        ([(1, 116, 8400), (1, 32, 160, 160)], "yolo", 80),
        ([(1, 1000)], "logits", 1000),
        ([(1, 7, 1, 1)], "logits", 7),
    ],
)
def test_heads_are_told_by_their_shape(
    shapes: list[tuple[int, ...]], head: str, classes: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(graph_of(*shapes).SerializeToString())
    found = heads.recognise(own.open_onnx(path).graph)
    assert (found.head, found.classes) == (head, classes)


def test_probabilities_are_told_from_logits(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(graph_of((1, 4), last="Softmax").SerializeToString())
    assert heads.recognise(own.open_onnx(path).graph).head == "probabilities"


def test_an_output_of_no_known_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(graph_of((1, 1)).SerializeToString())
    assert refusal(path) == "output_unknown"


def test_objectness_counts_into_the_confidence() -> None:
    rows = np.array([[50, 50, 20, 10, 0.9, 0.1, 0.8], [10, 10, 4, 4, 0.2, 0.9, 0.9]], np.float32)
    found = heads.decode("yolo_objectness", rows, 2)
    np.testing.assert_allclose(found.boxes, [[40, 45, 60, 55]])
    assert (found.classes.tolist(), found.confidences[0]) == ([1], pytest.approx(0.72))


def test_a_reader_that_dies_is_an_error_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.onnx").write_bytes(b"x")
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(UnusableFile) as caught:
        inspect_apart(tmp_path / "net.onnx", None)
    assert caught.value.reason == "crashed"


def test_a_process_of_its_own_tells_the_same(files: dict[str, Path], tmp_path: Path) -> None:
    found = inspect_apart(files["net.onnx"], None)
    assert (found["classes"], found["default_layer"]["features"]) == (5, 512)
    trial = try_apart(
        card(files["net.onnx"], Recipe("logits")), files["net.onnx"], tmp_path, [PICTURE] * 2
    )
    assert [answer["label"] in CLASSES for answer in trial["answers"]] == [True, True]
    for answer in trial["answers"]:
        (best, share), *others = answer["first"]
        assert (best, share) == (answer["label"], pytest.approx(answer["confidence"]))
        assert len(others) == 2
        assert share >= others[0][1] >= others[1][1] >= 0
    assert trial["feature_size"] == 512
    with pytest.raises(UnusableFile) as caught:
        inspect_apart(files["net.pth"], "torchvision:alexnet")
    assert caught.value.reason == "no_output_layer"


def test_the_list_of_architectures_is_that_of_the_installed_libraries() -> None:
    known = architectures.names()
    assert len(known) > 1400 and len(set(known)) == len(known)
    for name in ("torchvision:vgg11", "timm:resnet26", "torchvision:googlenet"):
        assert name in architectures.candidates(architectures.build(name, 7).state_dict())


def test_every_reason_has_a_sentence() -> None:
    from core.i18n import LANGUAGES, catalogue

    reasons = set()
    for path in Path(own.__file__).parent.glob("*.py"):
        for part in path.read_text("utf-8").split("UnusableFile(")[1:]:
            if part.lstrip().startswith('"'):
                reasons.add(part.split('"')[1])
    assert len(reasons) > 20
    for language in LANGUAGES:
        assert {f"models.file.{reason}" for reason in reasons} <= set(catalogue(language))


def test_every_official_network_is_a_known_architecture() -> None:
    assert {f"torchvision:{entry.architecture}" for entry in OFFICIAL.values()} <= set(
        architectures.names()
    )
