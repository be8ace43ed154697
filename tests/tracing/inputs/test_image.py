"""Pictures: each token is a patch with its place, and the picture is what the model sees."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.media import SIZES, VIT, own, picture, tiny, traced
from transformers import PreTrainedModel

from attention_widget.tracing.inputs.image import encode_image, shown
from attention_widget.tracing.inputs.patches import find_patches
from attention_widget.tracing.inputs.picture import read_image
from attention_widget.tracing.model.errors import UnsupportedModelError

# model class -> configuration class, settings, special tokens before and after the patches
FAMILIES: dict[str, tuple[str, dict[str, Any], list[str], list[str]]] = {
    "ViTModel": ("ViTConfig", VIT, ["[CLS]"], []),
    "ViTForImageClassification": ("ViTConfig", VIT, ["[CLS]"], []),
    "DeiTModel": ("DeiTConfig", VIT, ["[CLS]", "[DISTILLATION]"], []),
    "BeitModel": ("BeitConfig", {**VIT, "use_relative_position_bias": True}, ["[CLS]"], []),
    "Data2VecVisionModel": (
        "Data2VecVisionConfig",
        {**VIT, "use_shared_relative_position_bias": True},
        ["[CLS]"],
        [],
    ),
    "Dinov2Model": ("Dinov2Config", VIT, ["[CLS]"], []),
    "Dinov2WithRegistersModel": (
        "Dinov2WithRegistersConfig",
        {**VIT, "num_register_tokens": 2},
        ["[CLS]", "[REGISTER 0]", "[REGISTER 1]"],
        [],
    ),
    "DINOv3ViTModel": (
        "DINOv3ViTConfig",
        {**VIT, "num_register_tokens": 2},
        ["[CLS]", "[REGISTER 0]", "[REGISTER 1]"],
        [],
    ),
    "CLIPVisionModel": ("CLIPVisionConfig", VIT, ["[CLS]"], []),
    "CLIPVisionModelWithProjection": ("CLIPVisionConfig", VIT, ["[CLS]"], []),
    "SiglipVisionModel": ("SiglipVisionConfig", VIT, [], []),
    "IJepaModel": ("IJepaConfig", VIT, [], []),
    "BlipVisionModel": ("BlipVisionConfig", VIT, ["[CLS]"], []),
    "YolosModel": (
        "YolosConfig",
        {
            **VIT,
            "image_size": [32, 32],
            "num_detection_tokens": 3,
            "use_mid_position_embeddings": False,  # added between layers, by 4.48 outside of them
        },
        ["[CLS]"],
        ["[DETECTION 0]", "[DETECTION 1]", "[DETECTION 2]"],
    ),
}
PATCHES = [f"r{row}c{column}" for row in range(4) for column in range(4)]


def load(kind: str, attn_implementation: str = "eager", **changed: Any) -> PreTrainedModel:
    config, given_settings, _, _ = FAMILIES[kind]
    return tiny(kind, config, {**given_settings, **changed}, attn_implementation)


def processor(height: int = 32, width: int = 32, kind: str = "ViT", **options: Any) -> Any:
    name = f"{kind}ImageProcessor"  # needs torchvision since transformers 5
    found: Any = getattr(transformers, f"{name}Pil", None) or getattr(transformers, name)
    return found(size={"height": height, "width": width}, **options)


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", FAMILIES)
def test_attention_and_hidden_states_are_the_models_own(
    kind: str, attn_implementation: str
) -> None:
    model = load(kind, attn_implementation)
    encoded = encode_image(model, picture(), processor())
    expected = own(load(kind, "eager"), encoded)
    trace = traced(model, encoded)
    assert len(trace.blocks) == len(expected.attentions) == 2
    for block, weights in zip(trace.blocks, expected.attentions, strict=True):
        np.testing.assert_allclose(block.attention(), weights[0], atol=1e-5)
    for layer in range(trace.n_layers):
        found = expected.hidden_states[layer][0]
        np.testing.assert_allclose(trace.hidden_states(layer), found, atol=1e-4)
    assert trace.image is not None
    assert encoded.image is not None
    assert np.shares_memory(trace.image, encoded.image)
    assert trace.texts == ()


@pytest.mark.parametrize("kind", FAMILIES)
def test_tokens_are_patches_and_named_specials(kind: str) -> None:
    _, _, before, after = FAMILIES[kind]
    tokens = encode_image(load(kind), picture(), processor()).tokens
    assert [token.label for token in tokens] == [*before, *PATCHES, *after]
    assert [token.index for token in tokens] == list(range(len(tokens)))
    for token in tokens:
        assert token.special == (token.label not in PATCHES) == (token.box is None)
        assert (token.id, token.text, token.word, token.time) == (None, "", None, None)


@settings(max_examples=15, deadline=None)
@given(
    rows=st.integers(1, 5),
    columns=st.integers(1, 5),
    size=st.sampled_from([4, 7, 8]),
    beyond=st.integers(0, 3),
)
def test_boxes_tile_the_picture(rows: int, columns: int, size: int, beyond: int) -> None:
    height, width = rows * size + beyond, columns * size
    model = load("Dinov2Model", patch_size=size, image_size=size * 3)
    encoded = encode_image(model, picture(), processor(height, width))
    assert encoded.image is not None
    assert encoded.image.shape == (rows * size, columns * size, 3)
    covered = np.zeros(encoded.image.shape[:2], dtype=int)
    for token in encoded.tokens:
        if token.box is not None:
            left, top, right, bottom = token.box
            assert (right - left, bottom - top) == (size, size)
            assert token.label == f"r{top // size}c{left // size}"
            covered[top:bottom, left:right] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("kind", ["ViTModel", "CLIPVisionModel", "SiglipVisionModel"])
def test_a_token_moves_with_the_pixels_in_its_box_alone(kind: str) -> None:
    model = load(kind)
    encoded = encode_image(model, picture(), processor())
    before = traced(model, encoded).hidden_states(0)
    for token in encoded.tokens:
        if token.box is None:
            continue
        left, top, right, bottom = token.box
        pixels = encoded.inputs["pixel_values"].clone()
        pixels[..., top:bottom, left:right] *= -1
        with torch.no_grad():
            after = model(pixel_values=pixels, output_hidden_states=True).hidden_states[0][0]
        moved = np.abs(after.numpy() - before).max(-1) > 1e-3
        assert moved.nonzero()[0].tolist() == [token.index]


class TestPicture:
    def test_it_is_what_the_model_sees(self) -> None:
        given_picture = picture(32, 32)
        encoded = encode_image(load("ViTModel"), given_picture, processor())
        assert encoded.image is not None
        assert encoded.image.dtype == np.uint8
        np.testing.assert_array_equal(encoded.image, given_picture)

    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            ("ViT", {}),
            ("ViT", {"do_normalize": False}),
            ("ViT", {"image_mean": [0.1, 0.5, 0.9], "image_std": [0.2, 0.3, 0.4]}),
            ("ViT", {"do_rescale": False, "do_normalize": False}),
            ("Siglip", {}),
            ("Beit", {"do_center_crop": True, "crop_size": {"height": 32, "width": 32}}),
        ],
    )
    def test_normalisation_is_undone_exactly(self, kind: str, options: dict[str, Any]) -> None:
        side = 40 if "crop_size" in options else 32
        made = processor(side, side, kind, **options)
        pixels = made(images=picture(), return_tensors="pt")["pixel_values"]
        seen = shown(pixels, made)
        keep = {name: False for name in ("do_resize", "do_center_crop") if hasattr(made, name)}
        again = made(images=seen, return_tensors="pt", input_data_format="channels_last", **keep)
        np.testing.assert_allclose(again["pixel_values"], pixels, atol=1e-6)

    def test_crop_and_resize_are_as_the_processor_does_them(self) -> None:
        image = Image.fromarray(picture(50, 40))
        encoded = encode_image(load("ViTModel"), image, processor())
        resized = image.resize((32, 32), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(encoded.image, np.asarray(resized))

    def test_pixels_beyond_the_last_patch_are_cut_off(self) -> None:
        encoded = encode_image(
            load("SiglipVisionModel", image_size=37), picture(), processor(37, 37)
        )
        assert encoded.image is not None
        assert encoded.image.shape == (32, 32, 3)
        assert [token.label for token in encoded.tokens] == PATCHES

    def test_a_processor_that_does_more_is_refused(self) -> None:
        class Swapping(type(processor())):  # type: ignore[misc]
            def __call__(self, images: Any, **options: Any) -> Any:
                output: Any = super().__call__(images=images, **options)
                output["pixel_values"] = output["pixel_values"].flip(1)  # red for blue
                return output

        made = Swapping(size={"height": 32, "width": 32})
        with pytest.raises(ValueError, match="Swapping does more to a picture than resizing"):
            encode_image(load("ViTModel"), picture(), made)


GREY = np.repeat(np.arange(256, dtype=np.uint8).repeat(4).reshape(32, 32, 1), 3, 2)


def _deep(dtype: str) -> Any:
    return np.ascontiguousarray(GREY[..., 0].astype(dtype) * 257)


def _colours(mode: str) -> tuple[Any, Any, int]:
    colours = picture(32, 32)
    return Image.fromarray(colours).convert(mode), colours, 0


def _round_trip(mode: str, within: int) -> tuple[Any, Any, int]:
    image, colours, _ = _colours(mode)
    return image, colours, within


# Mode of PIL -> an image, the levels that it shows, and how far conversion may round.
MODES: dict[str, Any] = {
    "1": lambda: (Image.fromarray(GREY[..., 0] > 99), (GREY > 99) * 255, 0),
    "L": lambda: (Image.fromarray(GREY[..., 0]), GREY, 0),
    "LA": lambda: (Image.fromarray(GREY[..., 0]).convert("LA"), GREY, 0),
    "P": lambda: (Image.fromarray(GREY[..., 0]).convert("P"), GREY, 0),
    "RGB": lambda: _colours("RGB"),
    "RGBA": lambda: _colours("RGBA"),
    "RGBX": lambda: _colours("RGBX"),
    "CMYK": lambda: _colours("CMYK"),
    "YCbCr": lambda: _round_trip("YCbCr", 3),
    "HSV": lambda: _round_trip("HSV", 6),
    "I;16": lambda: (Image.fromarray(_deep("uint16")), GREY, 0),
    "I;16B": lambda: (
        Image.frombytes("I;16B", (32, 32), _deep("uint16").astype(">u2").tobytes()),
        GREY,
        0,
    ),
    "F": lambda: (Image.fromarray((GREY[..., 0] / 255).astype(np.float32)), GREY, 0),
}


class TestGivenImages:
    def test_paths_images_arrays_and_tensors_are_the_same(self, tmp_path: Path) -> None:
        levels = picture()
        Image.fromarray(levels).save(tmp_path / "cat.png")
        forms = [
            tmp_path / "cat.png",
            str(tmp_path / "cat.png"),
            Image.fromarray(levels),
            levels,
            torch.from_numpy(levels),
            levels / 255,
            torch.from_numpy(levels) / 255,
        ]
        for form in forms:
            np.testing.assert_array_equal(np.asarray(read_image(form)), levels)

    def test_grey_transparent_and_turned_images(self, tmp_path: Path) -> None:
        grey = np.asarray(read_image(Image.new("L", (3, 2), 77)))
        assert grey.shape == (2, 3, 3)
        assert (grey == 77).all()
        assert read_image(Image.new("RGBA", (3, 2))).mode == "RGB"
        turned = Image.fromarray(picture(5, 9))
        exif = turned.getexif()
        exif[0x0112] = 6  # the camera was held upright
        turned.save(tmp_path / "turned.png", exif=exif)
        assert read_image(tmp_path / "turned.png").size == (5, 9)

    @pytest.mark.parametrize("mode", MODES)
    def test_every_mode_is_read_as_it_looks(self, mode: str, tmp_path: Path) -> None:
        """And what is shown is what the model reads."""
        image, expected, within = MODES[mode]()
        assert image.mode == mode
        read = np.asarray(read_image(image)).astype(int)
        assert np.abs(read - expected).max() <= within
        made = processor(32, 32, do_normalize=False)
        encoded = encode_image(load("ViTModel"), image, made)
        pixels = encoded.inputs["pixel_values"][0].permute(1, 2, 0).numpy() * 255
        np.testing.assert_array_equal(encoded.image, read)
        np.testing.assert_allclose(read, pixels, atol=1e-3)

    def test_depth_of_a_file(self, tmp_path: Path) -> None:
        deep = (GREY.astype(np.uint16) * 257)[..., 0]
        for name in ("deep.png", "deep.tif"):
            Image.fromarray(deep).save(tmp_path / name)
            np.testing.assert_array_equal(np.asarray(read_image(tmp_path / name)), GREY)
        turned = Image.fromarray(deep)
        turned.getexif()[0x0112] = 6
        turned.info["exif"] = turned.getexif().tobytes()
        assert read_image(turned).size == turned.size[::-1]

    @pytest.mark.parametrize("dtype", [np.uint16, np.float16, np.float32, np.float64])
    def test_arrays_of_every_range(self, dtype: Any) -> None:
        levels = picture()
        white = 65535 if dtype == np.uint16 else 1
        given_array = (levels / 255 * white).round(0 if white > 1 else 9).astype(dtype)
        for form in (given_array, torch.from_numpy(given_array)):
            np.testing.assert_array_equal(np.asarray(read_image(form)), levels)
        half = torch.from_numpy(levels).bfloat16() / 255
        assert np.abs(np.asarray(read_image(half)).astype(int) - levels).max() <= 1

    @pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
    def test_a_picture_that_only_its_transparency_draws_is_refused(self, mode: str) -> None:
        logo = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
        logo.paste((0, 0, 0, 255), (2, 2, 5, 5))
        given_image: Any = logo.convert(mode)
        if mode == "P":
            given_image = Image.new("P", (8, 8))
            given_image.putpalette([0, 0, 0] * 2)
            given_image.putpixel((3, 3), 1)
            given_image.info["transparency"] = 0
        with pytest.raises(ValueError, match=r"all of one colour where its transparency is drop"):
            read_image(given_image)
        white = Image.alpha_composite(
            Image.new("RGBA", given_image.size, "white"), given_image.convert("RGBA")
        )
        assert np.asarray(read_image(white)).min() == 0

    @pytest.mark.parametrize(
        ("image", "message"),
        [
            ("nowhere.png", "no image file 'nowhere.png'; allowed: a PIL image, the path"),
            (7, "image is of type int; allowed: a PIL image"),
            (np.zeros((3, 8, 8), np.uint8), r"shape \(3, 8, 8\); allowed: .* \(height, width, 3\)"),
            (np.zeros((8, 8), np.uint8), r"shape \(8, 8\)"),
            (np.zeros((0, 8, 3), np.uint8), r"shape \(0, 8, 3\)"),
            (
                np.zeros((8, 8, 3), np.int64),
                "array of int64 with values from 0 to 0; allowed: .* u",
            ),
            (np.full((8, 8, 3), 9, np.int32), r"if 255 is white, pass image / 255"),
            (np.full((8, 8, 3), 999, np.int32), r"if 65535 is white, pass image / 65535"),
            (np.full((8, 8, 3), 9, np.uint16), r"array of uint16 .*if 255 is white, pass image / "),
            (np.full((8, 8, 3), True), "array of bool with values from 1 to 1; allowed"),
            (np.full((8, 8, 3), 255.0), "values from 255 to 255; allowed: .*pass image / 255"),
            (np.full((8, 8, 3), -0.5), "array of float64 with values from -0.5 to -0.5; allowed"),
            (np.full((8, 8, 3), np.nan), "values from nan to nan"),
            (Image.new("F", (4, 4), 200.0), r"mode F with values .* pass Image.fromarray\(\(np.as"),
            (Image.new("F", (4, 4), -0.5), "PIL image of mode F with values from -0.5 to -0.5; a"),
            (Image.new("I", (4, 4), 40_000), "mode I with values .*if 65535 is white, pass Image."),
            (Image.new("I", (4, 4), 200), r"mode I with values .*if 255 is white, pass Image.from"),
            (Image.new("I;16", (4, 4), 200), r"mode I;16 with values from 200 to 200; allowed"),
            (Image.new("RGB", (0, 4)), r"image has the size \(0, 4\); allowed"),
        ],
    )
    def test_other_images_are_refused(self, image: object, message: str) -> None:
        with pytest.raises((TypeError, ValueError), match=message):
            read_image(image)

    def test_without_pillow_the_error_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "PIL", None)
        with pytest.raises(ImportError, match="pip install pillow"):
            read_image(picture())

    def test_a_file_that_is_no_image_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "text.png").write_text("text")
        with pytest.raises(ValueError, match="is not an image that PIL can read"):
            read_image(tmp_path / "text.png")


class TestProcessor:
    def test_it_is_found_in_the_folder_of_the_model(self, tmp_path: Path) -> None:
        load("ViTModel").save_pretrained(tmp_path)
        processor(image_mean=[0.1, 0.2, 0.3]).save_pretrained(tmp_path)
        model = transformers.ViTModel.from_pretrained(tmp_path)
        found = encode_image(model, picture()).inputs["pixel_values"]
        expected = encode_image(model, picture(), processor(image_mean=[0.1, 0.2, 0.3]))
        torch.testing.assert_close(found, expected.inputs["pixel_values"])

    def test_it_may_be_part_of_a_processor(self) -> None:
        class Both:
            image_processor = processor()

        assert len(encode_image(load("ViTModel"), picture(), Both()).tokens) == 17

    def test_without_one_the_error_says_what_to_pass(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"built from a config.*processor=AutoImageProcessor"):
            encode_image(load("ViTModel"), picture())
        load("ViTModel").save_pretrained(tmp_path)
        with pytest.raises(ValueError, match=r"failed with \w+Error.*processor=AutoImageProcessor"):
            encode_image(transformers.ViTModel.from_pretrained(tmp_path), picture())

    def test_others_are_refused(self) -> None:
        with pytest.raises(TypeError, match="of type str; allowed: a transformers image processor"):
            encode_image(load("ViTModel"), picture(), "vit")

    def test_pictures_of_another_size_than_the_models_are_refused(self) -> None:
        with pytest.raises(
            ValueError, match=r"cannot read pixel_values \(1, 3, 40, 40\): ValueErr"
        ):
            encode_image(load("ViTModel"), picture(), processor(40, 40))


SWIN = {"image_size": 32, "patch_size": 2, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]}
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("SwinModel", "SwinConfig", SWIN, r"merges them from stage to stage \(widths 16, 32\)"),
    ("ViTMAEModel", "ViTMAEConfig", VIT, "draws them at random"),
    ("VitDetModel", "VitDetConfig", VIT, r"gives its first layer a tensor \(1, 32, 4, 4\)"),
    ("ResNetModel", "ResNetConfig", {"depths": [1], "hidden_sizes": [8]}, "has no attention"),
    (
        "CLIPModel",
        "CLIPConfig",
        {"vision_config": VIT, "text_config": {**SIZES, "vocab_size": 9}},
        "reads text beside pictures.*its vision model alone can be captured",
    ),
]


@pytest.mark.parametrize(("kind", "config", "given_settings", "message"), REFUSED)
def test_models_without_patches_are_refused_with_the_reason(
    kind: str, config: str, given_settings: dict[str, Any], message: str
) -> None:
    model = tiny(kind, config, given_settings)
    with pytest.raises(UnsupportedModelError, match=f"{kind} .*{message}"):
        encode_image(model, picture(), processor())


def test_a_model_for_text_is_refused() -> None:
    model = tiny("BertModel", "BertConfig", {**SIZES, "vocab_size": 9})
    with pytest.raises(ValueError, match="BertModel takes input_ids, not pictures"):
        encode_image(model, picture(), processor())


def test_a_config_that_lies_about_the_patches_is_found_out() -> None:
    model = load("ViTModel")
    pixels = {"pixel_values": torch.zeros(1, 3, 32, 32)}
    for patch_size, reason in [
        (16, "16 of its 17 tokens depend on the picture, which has 2 × 2 patches"),
        (4, "depend on more than one patch"),
        (7, "depend on"),
        (64, "hold no patch of 64 × 64"),
    ]:
        model.config.patch_size = patch_size
        with pytest.raises(UnsupportedModelError, match=reason):
            find_patches(model, pixels)


def test_measuring_leaves_the_model_alone() -> None:
    model = load("DeiTModel").train()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.get_rng_state()
    encode_image(model, picture(), processor())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert not any(module._forward_pre_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(torch.get_rng_state(), generator)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype: torch.dtype) -> None:
    model: Any = load("DeiTModel")
    model.to(dtype)
    encoded = encode_image(model, picture(), processor())
    assert encoded.inputs["pixel_values"].dtype == dtype
    assert [token.label for token in encoded.tokens][2:] == PATCHES
    assert len(traced(model, encoded).blocks) == 2
