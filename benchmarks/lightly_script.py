"""What LightlyStudio does with a folder, run by a Python that has it and nothing of DATAG.

Arguments: a folder for its database and, to have embeddings too, a file of torch.export with the
height and width of the network's input. Each line read names a folder; the answer is the seconds it
took.
"""

import json
import os
import sys
import time


def main() -> None:
    """Answer each line with `{"seconds": ..}`."""
    scratch, *network = sys.argv[1:]
    os.chdir(scratch)
    # What its progress bars and reports say goes where it disturbs nobody.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr
    import lightly_studio

    if network:
        _use(*network)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for number, line in enumerate(sys.stdin):
        dataset = lightly_studio.ImageDataset.create(name=f"folder {number}")
        began = time.perf_counter()
        dataset.add_images_from_path(path=json.loads(line), embed=bool(network))
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": seconds}), file=answers, flush=True)


def _use(path: str, height: str, width: str) -> None:
    """Make a network the one that LightlyStudio embeds images with."""
    import numpy as np
    import torch
    from lightly_studio.embed import image_embedding, public_api
    from lightly_studio_serve.embedder import ImagePathEmbedder
    from lightly_studio_serve.types import EmbeddingResult, EmbeddingSpaceSpec
    from torchvision.transforms import v2

    network = torch.export.load(path).module()
    size = (int(height), int(width))
    to_input = v2.Compose(
        [
            v2.Resize(size),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5] * 3, [0.5] * 3),
        ]
    )

    @torch.inference_mode()
    def features(batch: torch.Tensor) -> np.ndarray:
        return network(batch)[0].numpy()

    dimension = features(torch.zeros(32, 3, *size)).shape[1]
    context = image_embedding.EmbeddingContext(
        embedding_dimension=dimension,
        max_batch_size=128,  # as its own networks have it
        device=torch.device("cpu"),
        preprocess=to_input,
        encode_batch=features,
    )

    class Embedder(ImagePathEmbedder):
        def embedding_space_spec(self) -> EmbeddingSpaceSpec:
            return EmbeddingSpaceSpec(space_key="benchmark", dimension=dimension)

        def embed_images(self, paths: list[str]) -> EmbeddingResult:
            return image_embedding.embed_image_files_batched(paths, context, show_progress=False)

    public_api.register_default_embedder(Embedder())


if __name__ == "__main__":
    main()
