"""Pictures as they are given: shown as the model sees them, or refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from support.media import picture
from support.seeing import PATCHES, load, processor

from attention_widget.tracing.inputs.image import encode_image, shown
from attention_widget.tracing.inputs.picture import rgb_image


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
        with pytest.raises(ValueError, match=r"must only resize, .*, got Swapping"):
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
            np.testing.assert_array_equal(np.asarray(rgb_image(form)), levels)

    def test_grey_transparent_and_turned_images(self, tmp_path: Path) -> None:
        grey = np.asarray(rgb_image(Image.new("L", (3, 2), 77)))
        assert grey.shape == (2, 3, 3)
        assert (grey == 77).all()
        assert rgb_image(Image.new("RGBA", (3, 2))).mode == "RGB"
        turned = Image.fromarray(picture(5, 9))
        exif = turned.getexif()
        exif[0x0112] = 6  # the camera was held upright
        turned.save(tmp_path / "turned.png", exif=exif)
        assert rgb_image(tmp_path / "turned.png").size == (5, 9)

    @pytest.mark.parametrize("mode", MODES)
    def test_every_mode_is_read_as_it_looks(self, mode: str, tmp_path: Path) -> None:
        """And what is shown is what the model reads."""
        image, expected, within = MODES[mode]()
        assert image.mode == mode
        read = np.asarray(rgb_image(image)).astype(int)
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
            np.testing.assert_array_equal(np.asarray(rgb_image(tmp_path / name)), GREY)
        turned = Image.fromarray(deep)
        turned.getexif()[0x0112] = 6
        turned.info["exif"] = turned.getexif().tobytes()
        assert rgb_image(turned).size == turned.size[::-1]

    @pytest.mark.parametrize("dtype", [np.uint16, np.float16, np.float32, np.float64])
    def test_arrays_of_every_range(self, dtype: Any) -> None:
        levels = picture()
        white = 65535 if dtype == np.uint16 else 1
        given_array = (levels / 255 * white).round(0 if white > 1 else 9).astype(dtype)
        for form in (given_array, torch.from_numpy(given_array)):
            np.testing.assert_array_equal(np.asarray(rgb_image(form)), levels)
        half = torch.from_numpy(levels).bfloat16() / 255
        assert np.abs(np.asarray(rgb_image(half)).astype(int) - levels).max() <= 1

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
        with pytest.raises(
            ValueError, match=r"must be drawn by its colours, .* one colour without it"
        ):
            rgb_image(given_image)
        white = Image.alpha_composite(
            Image.new("RGBA", given_image.size, "white"), given_image.convert("RGBA")
        )
        assert np.asarray(rgb_image(white)).min() == 0

    @pytest.mark.parametrize(
        ("image", "message"),
        [
            ("nowhere.png", "image must be a PIL image, .* got 'nowhere.png', where there is no"),
            (7, "image must be a PIL image, .* got int"),
            (
                np.zeros((3, 8, 8), np.uint8),
                r"\(height, width, 3\).* got the shape \(3, 8, 8\)",
            ),
            (np.zeros((8, 8), np.uint8), r"shape \(8, 8\)"),
            (np.zeros((0, 8, 3), np.uint8), r"shape \(0, 8, 3\)"),
            (
                np.zeros((8, 8, 3), np.int64),
                "must be .* got an array of int64 with values from 0 to 0",
            ),
            (np.full((8, 8, 3), 9, np.int32), r"if 255 is white, pass image / 255"),
            (np.full((8, 8, 3), 999, np.int32), r"if 65535 is white, pass image / 65535"),
            (np.full((8, 8, 3), 9, np.uint16), r"array of uint16 .*if 255 is white, pass image / "),
            (np.full((8, 8, 3), True), "must be .* got an array of bool with values from 1 to 1"),
            (np.full((8, 8, 3), 255.0), "must be .* values from 255 to 255; .*pass image / 255"),
            (np.full((8, 8, 3), -0.5), "must be .* array of float64 with values from -0.5 to -0.5"),
            (np.full((8, 8, 3), np.nan), "values from nan to nan"),
            (Image.new("F", (4, 4), 200.0), r"mode F with values .* pass Image.fromarray\(\(np.as"),
            (Image.new("F", (4, 4), -0.5), "PIL image of mode F with values from -0.5 to -0.5"),
            (Image.new("I", (4, 4), 40_000), "mode I with values .*if 65535 is white, pass Image."),
            (Image.new("I", (4, 4), 200), r"mode I with values .*if 255 is white, pass Image.from"),
            (Image.new("I;16", (4, 4), 200), "must be .* mode I;16 with values from 200 to 200"),
            (Image.new("RGB", (0, 4)), r"image must be .* got the size \(0, 4\)"),
        ],
    )
    def test_other_images_are_refused(self, image: object, message: str) -> None:
        with pytest.raises((TypeError, ValueError), match=message):
            rgb_image(image)

    def test_without_pillow_the_error_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "PIL", None)
        with pytest.raises(ImportError, match="pip install pillow"):
            rgb_image(picture())

    def test_a_file_that_is_no_image_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "text.png").write_text("text")
        with pytest.raises(ValueError, match="which PIL cannot open"):
            rgb_image(tmp_path / "text.png")


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
        with pytest.raises(TypeError, match=r"must be a transformers image processor .* got str"):
            encode_image(load("ViTModel"), picture(), "vit")

    def test_pictures_of_another_size_than_the_models_are_refused(self) -> None:
        with pytest.raises(
            ValueError, match=r"cannot read pixel_values \(1, 3, 40, 40\): ValueErr"
        ):
            encode_image(load("ViTModel"), picture(), processor(40, 40))
