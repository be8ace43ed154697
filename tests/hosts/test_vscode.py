"""VS Code's own widget manager shows the quickstart's cell, and it answers clicks.

The extension renders widgets with the npm package @vscode/jupyter-ipywidgets8 in the web view of a
notebook. Here the same package stands in a page of Chromium, connected to a real kernel. What the
extension adds is done as its sources do it: it finds the module `anywidget` through the
`extension.js` in the `nbextensions` folder of the kernel's environment and registers its script
with require.js.
"""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.server import refuse_network
from npm_file import npm_file
from playwright.sync_api import Browser, Page, Route

from hosts.quickstart import REPORT, first_cells, show_and_answer
from hosts.serving import PATIENCE_MS

pytestmark = pytest.mark.hosts

MANAGER = ("@vscode/jupyter-ipywidgets8@1.0.9", "dist/ipywidgets.js")
REQUIRE = ("requirejs@2.3.6", "require.js")
NBEXTENSIONS = Path(sysconfig.get_path("data")) / "share" / "jupyter" / "nbextensions"

# A notebook's web view: the manager, a kernel, and outputs put where a cell has them.
SHOW = """
async ([cells, modules]) => {
  const kernel = await jupyterapp.serviceManager.kernels.startNew({ name: "python3" });
  document.body.replaceChildren();
  document.body.style.overflow = "auto";
  const said = [];
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/vscode/require.js";
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  const { activate } = await import("/vscode/ipywidgets.js");
  activate();
  vscIPyWidgets8.load();
  const loader = {
    widgetsRegisteredInRequireJs: new Set(),
    async loadWidgetScript(name) {
      if (!modules[name]) throw new Error(`no script of ${name}`);
      requirejs.config({ paths: { [name]: modules[name] } });
      loader.widgetsRegisteredInRequireJs.add(name);
    },
    successHandler: () => {},
    errorHandler: (name, module, version, error) => said.push(`${module}: ${error}`),
  };
  const manager = new vscIPyWidgets.WidgetManager(kernel, document.body, loader, () => {});
  for (const code of cells) {
    const future = kernel.requestExecute({ code });
    future.onIOPub = async ({ header, content }) => {
      if (header.msg_type === "error") said.push(content.traceback.join("\\n"));
      const shown = content.data?.["application/vnd.jupyter.widget-view+json"];
      if (!shown) return;
      const node = document.createElement("div");
      document.body.append(node);
      const view = await manager.create_view(await manager.get_model(shown.model_id), { el: node });
      await manager.display_view(content, view, { node });
    };
    await future.done;
  }
  return said;
}
"""


def script_of(module: str) -> Path:
    """Where the extension finds a widget's script: it reads what `extension.js` maps."""
    said = (NBEXTENSIONS / module / "extension.js").read_text()
    config = said[re.search(r"requirejs\?\.config\(\{", said).end() :]  # type: ignore[union-attr]
    innermost = config[: config.index(")")].split("{")[-1].split("}")[0]
    mapped = dict(re.findall(r"""["']?([\w/@-]+)["']?\s*:\s*["']([^"']+)["']""", innermost))
    return NBEXTENSIONS.parent / f"{mapped[module]}.js"


def serve_web_view(page: Page) -> None:
    files = {
        "require.js": npm_file(*REQUIRE),
        "ipywidgets.js": npm_file(*MANAGER),
        "anywidget.js": script_of("anywidget"),
    }

    def answer(route: Route) -> None:
        path = files[route.request.url.rsplit("/", 1)[-1]]
        route.fulfill(path=path, content_type="text/javascript")

    page.route("**/vscode/*", answer)


def test_its_widget_manager_shows_the_quickstarts_cell(chromium: Browser, tmp_path: Path) -> None:
    said = tmp_path / "said.json"
    # Else it asks, over whatever is there, whether to wait for what it loads.
    lab = Lab(tmp_path, disabled=["@jupyterlab/apputils-extension:splash"])
    context = chromium.new_context(viewport={"width": 1000, "height": 1300})
    outside, complaints = refuse_network(context), []
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
        serve_web_view(page)
        page.goto(f"{lab.url}lab")
        page.wait_for_function("() => window.jupyterapp?.serviceManager.kernels.isReady")
        cells = [*first_cells(), REPORT.format(path=str(said))]
        failed = page.evaluate(SHOW, [cells, {"anywidget": "/vscode/anywidget"}])
        assert not failed
        show_and_answer(page, said)
    except BaseException:
        print(lab.log[-3000:])
        raise
    finally:
        context.close()
        lab.stop()
    assert not outside
    assert not [complaint for complaint in complaints if "blob:" in complaint]
