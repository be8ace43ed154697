"""Files about the project say the same of it: its place, version, licence and needs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import docs_stage
import set_address
import yaml
from support.repository import ROOT

from attention_widget._util.version import own_version

ADDRESSES = docs_stage.addresses()
PLACE = ADDRESSES["Repository"].partition("github.com/")[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def test_addresses_are_those_of_pyproject() -> None:
    assert {"Documentation", "Repository", "Issues", "Changelog"} <= ADDRESSES.keys()
    assert ADDRESSES["Issues"] == f"{ADDRESSES['Repository']}/issues"
    citation = read("CITATION.cff")
    assert citation["repository-code"] == ADDRESSES["Repository"]
    assert citation["url"] == ADDRESSES["Documentation"]
    about = read("recipe/recipe.yaml")["about"]
    assert about["repository"] == ADDRESSES["Repository"]
    assert about["documentation"] == ADDRESSES["Documentation"]
    gallery = read("recipe/anywidget_gallery.json")
    assert gallery["repo"] == PLACE
    for picture in (gallery["image"], gallery["gif"]):
        start = f"https://raw.githubusercontent.com/{PLACE}/main/"
        assert picture.startswith(start)
        assert (ROOT / picture.removeprefix(start)).is_file()


def test_a_new_address_is_written_everywhere() -> None:
    repository, site = "https://github.com/who/what", "https://docs.test/"
    count = 0
    for path in _named():
        text = path.read_text("utf-8")
        new = set_address.named(text, ADDRESSES, repository, site)
        count += new != text
        assert PLACE not in new, path
        assert ADDRESSES["Documentation"] not in new, path
    assert count >= 10


def _named() -> list[Path]:
    """Files of the repository that name its place."""
    listed = subprocess.run(
        ["git", "grep", "--untracked", "-lIF", PLACE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


def test_the_version_is_that_of_the_package() -> None:
    assert read("CITATION.cff")["version"] == own_version()
    assert read("recipe/recipe.yaml")["context"]["version"] == own_version()


def test_the_citation_has_what_its_format_asks_for() -> None:
    citation = read("CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "type", "license"} <= citation.keys()
    assert citation["license"] == "Apache-2.0"
    assert f'license = "{citation["license"]}"' in PYPROJECT


def test_the_recipe_needs_what_the_package_needs() -> None:
    listed = PYPROJECT.partition("\ndependencies = [")[2].partition("]")[0]
    needs = {re.sub(r"^torch>", "pytorch>", each) for each in re.findall(r'"([^"]+)"', listed)}
    run = read("recipe/recipe.yaml")["requirements"]["run"]
    assert run[0] == "python >=${{ python_min }}"
    assert {each.replace(" ", "") for each in run[1:]} == needs
    oldest = re.search(r'requires-python = ">=([\d.]+)"', PYPROJECT)
    assert oldest is not None
    assert read("recipe/recipe.yaml")["context"]["python_min"] == oldest[1]


def test_workflows_run_what_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    found = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert {path.stem for path in found} >= {"docs", "publish", "test"}
    for path in found:
        text = path.read_text("utf-8")
        jobs = yaml.safe_load(text)["jobs"]
        assert jobs
        for target in re.findall(r"make ([a-z-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    publish = read(".github/workflows/publish.yml")["jobs"]
    assert publish["pypi"]["permissions"] == {"id-token": "write"}  # trusted publishing
    assert publish["pypi"]["environment"] == "pypi"
    assert publish["pypi"]["needs"] == "build"


def test_a_release_has_the_source_that_the_recipe_takes() -> None:
    """The recipe's address is a file of the release on GitHub, which the workflow puts there."""
    source = read("recipe/recipe.yaml")["source"]
    version = "${{ version }}"
    of_release = f"{ADDRESSES['Repository']}/releases/download/v{version}/"
    assert source["url"] == f"{of_release}attention_widget-{version}.tar.gz"  # as build names it
    jobs = read(".github/workflows/publish.yml")["jobs"]
    kept = next(step["with"] for step in jobs["build"]["steps"] if "upload" in step.get("uses", ""))
    job = jobs["github"]
    assert job["needs"] == "pypi"  # a version that PyPI refuses gets no release
    assert job["permissions"] == {"contents": "write"}
    download, create = job["steps"]
    assert download["with"] == {"name": kept["name"], "path": kept["path"]}
    assert f'gh release create "$GITHUB_REF_NAME" {kept["path"]}*' in create["run"]
    assert set(create["env"]) == {"GH_REPO", "GH_TOKEN"}


def test_issue_forms_have_what_github_asks_for() -> None:
    folder = ROOT / ".github" / "ISSUE_TEMPLATE"
    forms = [path for path in folder.glob("*.yml") if path.stem != "config"]
    assert len(forms) == 3
    for path in forms:
        form = read(str(path.relative_to(ROOT)))
        assert {"name", "description", "body"} <= form.keys()
        for one in form["body"]:
            assert one["type"] in {"textarea", "input", "markdown", "dropdown", "checkboxes"}
            assert one["type"] == "markdown" or {"id", "attributes"} <= one.keys()


def test_binder_takes_the_package_with_its_model() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    assert "attention-widget[demo]" in lines
    assert json.dumps(lines).count("download.pytorch.org/whl/cpu") == 1


def test_llms_txt_has_the_form_that_agents_read() -> None:
    text = (ROOT / "llms.txt").read_text("utf-8")
    assert text.startswith("# attention-widget\n\n> ")
    site = ADDRESSES["Documentation"]
    links = re.findall(r"^- \[[^\]]+\]\(([^)]+)\)", text, re.MULTILINE)
    assert len(links) > 10
    for link in links:
        assert link.startswith(site)
        name = link.removeprefix(site).removesuffix(".html")
        made = name.startswith("reference/")
        assert made or (ROOT / "docs" / f"{name}.md").is_file(), link
